// A config.txt.
#include "config/field_table.h"
#include "fuzz_target.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

// Each value is printed as it can be given.
void check_values(const Settings& settings) {
  for (const ConfigField& field : field_table()) {
    const std::string text = field.print(settings);
    if (text.empty()) continue;
    Settings again = settings;
    require(field.parse(text, again), "a printed value can be given", std::string(field.name) + " " + text);
    require(field.print(again) == text, "a printed value is itself", std::string(field.name) + " " + text);
  }
}

}  // namespace
}  // namespace ppinfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  static const std::string model = as_file({}, "model.onnx");
  const std::string path = as_file({data, count}, "config.txt");
  try {
    const Config config = Config::from_file(path, {{"cls_model_path", model}});
    check_values(config.settings());
    require(config.input_size().width > 0 && config.input_size().height > 0, "a config has an input size");
    require(config.lanes() > 0 && config.threads_per_lane() > 0, "a config has lanes and threads");
    for (const std::string& notice : config.notices()) require_line(notice, "a notice has one line");
  } catch (const ConfigError& error) {
    require(!error.problems().empty(), "a wrong config has a problem");
    for (const std::string& problem : error.problems()) require_line(problem, "a problem has one line");
  }
  return 0;
}
