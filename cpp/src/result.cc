#include "ppinfer/result.h"

namespace ppinfer {

const char* to_string(Stage stage) {
  switch (stage) {
    case Stage::kRead:
      return "read";
    case Stage::kDecode:
      return "decode";
    case Stage::kPreprocess:
      return "preprocess";
    case Stage::kInfer:
      return "infer";
    case Stage::kPostprocess:
      return "postprocess";
  }
  return "unknown";
}

}  // namespace ppinfer
