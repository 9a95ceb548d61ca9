// What one input image became.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ppinfer {

enum class Stage { kRead, kDecode, kPreprocess, kInfer, kPostprocess };
const char* to_string(Stage stage);  // "read", "decode", "preprocess", "infer", "postprocess"

struct ImageError {
  Stage stage = Stage::kRead;
  std::string message;
  friend bool operator==(const ImageError& a, const ImageError& b) {
    return a.stage == b.stage && a.message == b.message;
  }
};

struct Result {
  std::string path;                      // bytes as the file system gave them; empty when the input had no path
  std::vector<int> class_ids;            // best first; empty when error is set
  std::vector<float> scores;             // one per class id, as the model's output gives them
  std::vector<std::string> label_names;  // one per class id; empty when the config names no labels
  std::optional<ImageError> error;       // set: this image could not be classified, and why

  bool ok() const { return !error.has_value(); }
  friend bool operator==(const Result& a, const Result& b) {
    return a.path == b.path && a.class_ids == b.class_ids && a.scores == b.scores && a.label_names == b.label_names &&
           a.error == b.error;
  }
};

}  // namespace ppinfer
