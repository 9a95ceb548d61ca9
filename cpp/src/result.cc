#include "ppinfer/result.h"

#include <algorithm>

namespace ppinfer {
namespace {

// Libraries end their messages as they like.
std::string one_line(std::string text) {
  const auto is_control = [](unsigned char letter) { return letter < ' ' || letter == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  text.erase(text.find_last_not_of(' ') + 1);  // npos + 1 is 0
  return text;
}

}  // namespace

ImageError::ImageError(Stage at, const std::string& text) : stage(at), message(one_line(text)) {}

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
    case Stage::kMachine:
      return "machine";
  }
  return "unknown";
}

}  // namespace ppinfer
