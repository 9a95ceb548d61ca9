// A label file, of any form.
#include "config/labels.h"
#include "fuzz_target.h"
#include "ppinfer/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const std::string path = as_file({data, count}, "labels.txt");
  for (const char* const delimiter : {"", ":"}) {
    try {
      const std::vector<std::string> names = read_labels(path, delimiter);
      require(!names.empty() && names.size() <= count, "each class takes at least a byte of the file");
    } catch (const ConfigError& error) {
      require(!error.problems().empty(), "a wrong file has a problem");
      for (const std::string& problem : error.problems()) require_line(problem, "a problem has one line");
    }
  }
  return 0;
}
