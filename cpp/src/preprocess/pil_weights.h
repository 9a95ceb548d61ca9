// The weights that Pillow's antialiased resize gives to the pixels of one axis.
#pragma once

#include <cstdint>
#include <vector>

#include "ppinfer/types.h"

namespace ppinfer {

class PilWeights {
 public:
  // Any interpolation of Pillow but nearest.
  void begin(Interpolation interpolation, int from_px, int to_px);

  // Weights, in 1 / (1 << kPilFractionBits), of the source pixels first_px() and following ones that make up pixel
  // `index`. Valid until the next call.
  const std::vector<std::int32_t>& of(int index);
  int first_px() const { return first_px_; }

  int max_taps() const { return max_taps_; }

 private:
  double (*filter_)(double) = nullptr;
  double step_px_ = 0;     // of the source, for one pixel of the result
  double stretch_ = 0;     // of the filter: reducing averages over more pixels, enlarging leaves it as it is
  double support_px_ = 0;  // to either side
  int from_px_ = 0;
  int max_taps_ = 0;
  int first_px_ = 0;
  std::vector<double> shares_;
  std::vector<std::int32_t> weights_;
};

}  // namespace ppinfer
