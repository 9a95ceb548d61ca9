// Model scanners that need no engine: the model's input, and the files of its weights.
#include "config/model_input.h"
#include "fuzz_target.h"
#include "ppinfer/config.h"
#include "ppinfer/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace ppinfer;
  const std::string path = as_file({data, count}, "model.onnx");
  for (const ModelFormat format :
       {ModelFormat::kOnnx, ModelFormat::kPaddleProgram, ModelFormat::kPaddlePir, ModelFormat::kOpenVinoIr}) {
    const Size sides_px = read_model_input(path, format).sides_px;
    const bool is_size = sides_px.width > 0 && sides_px.height > 0;
    require(is_size || sides_px == Size{}, "a model's input has both sides or neither");
  }
  try {
    const std::vector<std::string> files = files_of_model(path, "");
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    for (const std::string& file : files) {
      require(file.rfind(folder, 0) == 0 && file.find("/../") == file.npos, "weights lie in the model's folder", file);
    }
  } catch (const ModelError& error) {
    require_line(error.what(), "a damaged model has a reason of one line");
  }
  return 0;
}
