// How often a predictor frees the tensors between its operators.
#pragma once

#include "paddle/common/flags.h"

PD_DECLARE_double(eager_delete_tensor_gb);

namespace ppinfer {

// Predictors whose first run is made while it lives free such tensors once there are 10 MB of them. Paddle's default is
// one by one, by a thread of its own that is woken some 46 times an image (5 times with this) and works against the
// lanes: with two of them, 8 to 10 % fewer images a second were measured. Programs (.pdmodel) reuse memory by a plan,
// and know no such thread.
class RareFreeing {
 public:
  RareFreeing() { paddle_flags::FLAGS_eager_delete_tensor_gb = kGigabytes; }
  ~RareFreeing() { paddle_flags::FLAGS_eager_delete_tensor_gb = before_; }
  RareFreeing(const RareFreeing&) = delete;
  RareFreeing& operator=(const RareFreeing&) = delete;

 private:
  static constexpr double kGigabytes = 0.01;
  const double before_ = paddle_flags::FLAGS_eager_delete_tensor_gb;
};

}  // namespace ppinfer
