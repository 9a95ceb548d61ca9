// The result of one input image.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

// The stage at which an image failed. kMachine: a machine error at any stage, such as memory, a drive, or a limit on
// open files; the image may be good.
enum class Stage { kRead, kDecode, kPreprocess, kInfer, kPostprocess, kMachine };
const char* to_string(Stage stage);  // "read", "decode", "preprocess", "infer", "postprocess", "machine"

struct ImageError {
  ImageError() = default;
  // Line breaks and other control characters of `text` become spaces.
  ImageError(Stage at, const std::string& text);

  Stage stage = Stage::kRead;
  std::string message;  // one line
  friend bool operator==(const ImageError& a, const ImageError& b) {
    return a.stage == b.stage && a.message == b.message;
  }
};

struct Result {
  std::string path;                      // bytes as the file system gave them; empty when the input had no path
  std::vector<int> class_ids;            // best first (multilabel: ascending); empty when error is set
  std::vector<float> scores;             // one per class id; postprocess score: of every class, without ids
  std::vector<std::string> label_names;  // one per class id; empty when the config names no labels
  // Of the postprocess op that makes them, else empty:
  std::vector<std::string> attributes;  // person_attribute, vehicle_attribute: one text an attribute
  std::vector<int> attribute_flags;     // of the same: 1 for each of the model's scores above its threshold, else 0
  std::vector<float> embedding;         // embedding: of length 1
  std::optional<ImageError> error;      // set: this image could not be classified, and why
  int best_class_id = -1;               // with save_dir: the class of the model's highest score, or its only one

  bool ok() const { return !error.has_value(); }
  friend bool operator==(const Result& a, const Result& b) {
    return a.path == b.path && a.class_ids == b.class_ids && a.scores == b.scores && a.label_names == b.label_names &&
           a.attributes == b.attributes && a.attribute_flags == b.attribute_flags && a.embedding == b.embedding &&
           a.error == b.error;
  }
};

}  // namespace ppinfer
