// One image cannot be classified. Thrown by the stages, caught by the lane, which turns it into an error Result.
#pragma once

#include <string>

#include "ppinfer/error.h"
#include "ppinfer/result.h"

namespace ppinfer {

class ImageFailure : public Error {
 public:
  ImageFailure(Stage stage, const std::string& reason) : Error(reason), stage_(stage) {}
  Stage stage() const { return stage_; }

 private:
  Stage stage_;
};

[[noreturn]] inline void throw_unreadable(const std::string& reason) { throw ImageFailure(Stage::kRead, reason); }

}  // namespace ppinfer
