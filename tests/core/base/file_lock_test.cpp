#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "core/config_fixture.h"

TEST_CASE("file lock: a pipe in the place of its file is not waited for") {
  const config_test::Folder folder;
  REQUIRE(mkfifo("lock", 0600) == 0);
  alarm(20);  // ends the test where it waits
  {
    const calotype::FileLock lock("lock");
  }
  alarm(0);
  CHECK(std::filesystem::is_fifo("lock"));
}
