// All help texts of the programs stand in tests/data/help.txt, which the commands in it print.
#include <calotype/version.h>
#include <doctest/doctest.h>

#include <regex>
#include <sstream>

#include "core/program.h"

using namespace program_test;

TEST_CASE("help: each program and command prints what tests/data/help.txt has") {
  const Folder folder;
  const std::string wanted = text_of(CALOTYPE_TEST_DATA "/help.txt");
  std::string found;
  std::istringstream lines(wanted);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("$ "))
      found += line + "\n" + shell(folder, "PATH=" CALOTYPE_BUILD "/bin:$PATH " + line.substr(2)).out + "\n";
  found = std::regex_replace(found, std::regex(" +\n"), "\n");
  found = std::regex_replace(found, std::regex(" " CALOTYPE_VERSION ":"), " VERSION:");
  const bool is_same = found == wanted;
  CHECK_MESSAGE(is_same, "tests/data/help.txt: wanted\n" << found);
  CHECK(found.find("$ calotype plugin lock --help\nusage: calotype plugin lock CONFIG ...\n") != std::string::npos);
}
