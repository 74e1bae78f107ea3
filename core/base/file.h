#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// The contents of a file. Throws Error (no_input) if there is no file or it cannot be read at once, such as a pipe;
/// (io); (bad_data) if it has more than `most` bytes.
std::string read_file(const std::string& path, size_t most);

/// As above, but reads a pipe to its end. A pipe without data is an error.
std::string read_file_or_pipe(const std::string& path, size_t most);

/// The rest of an open file descriptor, such as standard input; `name`: what messages call it.
std::string read_descriptor(int descriptor, const std::string& name, size_t most);

/// A text that changes when the file is changed or replaced; empty if there is no file. Throws Error (io) if the system
/// does not answer.
std::string stamp_of(const std::string& path);
/// The part of a stamp that stays if only the file's owner, mode or names change.
std::string_view without_change_time(std::string_view stamp);

/// What `write_file` does with temporary files of dead processes: removes them, or leaves them to the next writer.
/// Looking for them takes time in a folder with very many files.
enum class Leftovers { remove, leave };

/// What happens to a file that exists.
enum class Existing { replace, keep };

/// Writes a file under a temporary name in the same folder, then renames it. So the file at `path` is always whole, new
/// or old, even after a loss of power. Creates the folder. Returns false if a file exists and was kept; then nothing is
/// written. Throws Error (cannot_create, io) with the path and the system's reason.
bool write_file(const std::string& path, std::string_view bytes, Leftovers leftovers = Leftovers::remove,
                Existing existing = Existing::replace);

/// Removes temporary files in a folder that no process writes any more. Files that cannot be removed stay.
void remove_leftovers(const std::string& folder);

/// Locks a file against all other processes and threads; creates it if it does not exist. If it cannot be locked,
/// nothing is kept out.
class FileLock {
 public:
  explicit FileLock(const std::string& path);
  FileLock(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

/// The working folder; empty if it was removed, so that relative paths mean nothing.
std::string working_folder();

}  // namespace calotype
