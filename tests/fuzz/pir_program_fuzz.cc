// A program in Paddle's PIR format, as engine openvino reads it.
#include "fuzz_target.h"
#include "pir/program.h"
#include "ppinfer/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const std::string path = as_file({data, count}, "inference.json");
  try {
    const pir::Program program = pir::read_program(path, [](const std::string& name) { return name != "unknown"; });
    for (const pir::Weight& weight : program.weights) {
      require(weight.id > 0 && weight.type.shape.is_static(), "a weight has a number and a fixed shape", weight.name);
    }
  } catch (const Error& error) {
    require_line(error.what(), "a damaged program has a reason of one line");
  }
  return 0;
}
