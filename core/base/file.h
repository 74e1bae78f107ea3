#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The whole file. Throws Error (no_input: no file, or none that can be read at once, as a pipe; io; bad_data when it
/// is larger than `most` bytes).
std::string read_file(const std::string& path, size_t most);

/// The same; a pipe is read up to its end, and is an error where nothing was written to it.
std::string read_file_or_pipe(const std::string& path, size_t most);

/// The rest of what is open under this number, such as standard input; messages call it `name`.
std::string read_descriptor(int descriptor, const std::string& name, size_t most);

/// Another when the file is changed or replaced; empty where there is none. Throws Error (io) where that cannot be
/// told.
std::string stamp_of(const std::string& path);
/// What of a stamp stays where only the file's owner, mode or names change.
std::string_view without_change_time(std::string_view stamp);

/// What `write_file` does with temporary files of processes that are gone: it removes them, or leaves them to who
/// writes next. To look for them takes time in a folder of very many files.
enum class Leftovers { remove, leave };

/// What becomes of a file that is there already.
enum class Existing { replace, keep };

/// Writes under a temporary name in the same folder, then renames: the file under `path` is whole or as it was before,
/// and is there after a loss of power too. Creates the folder. False where a file is there and was kept: then nothing
/// is written. Throws Error (cannot_create, io) naming the path and the system's reason.
bool write_file(const std::string& path, std::string_view bytes, Leftovers leftovers = Leftovers::remove,
                Existing existing = Existing::replace);

/// Removes the temporary files in a folder that no process is writing any more. What cannot be removed stays.
void remove_leftovers(const std::string& folder);

/// Holds a file alone among all processes and threads; it is made where it is not there. Where it cannot be locked,
/// nobody is kept out.
class FileLock {
 public:
  explicit FileLock(const std::string& path);
  FileLock(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

/// The working folder; empty where it was removed. Relative paths mean nothing then.
std::string working_folder();

}  // namespace calotype
