// The YAML beside an exported model, and that of PaddleClas' deployment.
#include "config/inference_yml.h"
#include "fuzz_target.h"
#include "ppinfer/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const std::string path = as_file({data, count}, "inference.yml");
  for (const auto read : {read_inference_yml, read_deployment_yaml}) {
    std::vector<std::string> problems;
    const ModelSpec spec = read(path, problems);
    for (const std::string& problem : problems) require_line(problem, "a problem has one line");
    for (const Assignment& value : spec.layer.assignments()) {
      require(value.field != nullptr, "a value has its key", value.text);
    }
  }
  return 0;
}
