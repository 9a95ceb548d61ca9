// The row kernels for a CPU without vectors that they could use: what row_kernels.h says, pixel by pixel. Included by
// row_kernels.cc only, inside its namespaces.

inline int low_half(std::int32_t pair) { return static_cast<std::int16_t>(pair & 0xffff); }
inline int high_half(std::int32_t pair) { return pair >> 16; }

inline std::uint8_t clamped_byte(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

inline int pair_sum(const std::uint8_t* first, std::int32_t pair) {  // of one channel of two neighbours
  return first[0] * low_half(pair) + first[3] * high_half(pair);
}

template <int kShift>
void two_taps(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  for (int x = 0; x < windows.width_px; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      const int sum = pair_sum(row + windows.byte_offsets[x] + channel, windows.weight_pairs[x]);
      line[4 * x + channel] = static_cast<std::int16_t>(sum >> kShift);
    }
  }
}

void TwoTapsAcross(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  two_taps<4>(row, windows, line);
}

void TwoTapsAcrossUnshifted(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  two_taps<0>(row, windows, line);
}

void FourTapsAcross(const std::uint8_t* row, const Windows& windows, std::int32_t* line) {
  for (int x = 0; x < windows.width_px; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      const std::uint8_t* const first = row + windows.byte_offsets[x] + channel;
      line[4 * x + channel] =
          pair_sum(first, windows.weight_pairs[2 * x]) + pair_sum(first + 6, windows.weight_pairs[2 * x + 1]);
    }
  }
}

void EightTapsAcross(const std::uint8_t* row, const Windows& windows, std::int32_t* line) {
  for (int x = 0; x < windows.width_px; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      const std::uint8_t* const first = row + windows.byte_offsets[x] + channel;
      int sum = 0;
      for (int pair = 0; pair < 4; ++pair) sum += pair_sum(first + 6 * pair, windows.weight_pairs[4 * x + pair]);
      line[4 * x + channel] = sum;
    }
  }
}

void BilinearDown(const BilinearLines& from, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    const int upper = from.lines[0][index] * from.weights[0] >> 16;
    const int lower = from.lines[1][index] * from.weights[1] >> 16;
    rgbx[index] = clamped_byte((upper + lower + 2) >> 2);
  }
}

void HalveDown(const std::int16_t* upper, const std::int16_t* lower, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    rgbx[index] = static_cast<std::uint8_t>((upper[index] + lower[index] + 2) >> 2);
  }
}

void BicubicDown(const BicubicLines& from, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    float sum = static_cast<float>(from.lines[3][index]) * from.weights[3];
    for (int line = 2; line >= 0; --line) {
      const float product = static_cast<float>(from.lines[line][index]) * from.weights[line];
      sum = product + sum;
    }
    rgbx[index] = clamped_byte(static_cast<int>(std::nearbyint(sum)));
  }
}

void LanczosDown(const LanczosLines& from, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    int sum = 1 << 21;
    for (int line = 0; line < 8; ++line) sum += from.lines[line][index] * from.weights[line];
    rgbx[index] = clamped_byte(sum >> 22);
  }
}

void AreaAcross(const std::uint8_t* row, const Stretches& stretches, float* line) {
  int share = 0;
  for (int x = 0; x < stretches.width_px; ++x) {
    const std::uint8_t* pixel = row + stretches.byte_offsets[x];
    float sums[3] = {};
    for (; share < stretches.ends[x]; ++share, pixel += 3) {
      for (int channel = 0; channel < 3; ++channel) {
        const float product = static_cast<float>(pixel[channel]) * stretches.shares[share];
        sums[channel] = sums[channel] + product;
      }
    }
    std::copy_n(sums, 3, line + 4 * x);
  }
}

void AreaDownFirst(const float* line, float share, int width_px, float* sum) {
  for (int index = 0; index < 4 * width_px; ++index) sum[index] = line[index] * share;
}

void AreaDownNext(const float* line, float share, int width_px, float* sum) {
  for (int index = 0; index < 4 * width_px; ++index) {
    const float product = line[index] * share;
    sum[index] = sum[index] + product;
  }
}

void AreaRound(const float* sum, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    rgbx[index] = clamped_byte(static_cast<int>(std::nearbyint(sum[index])));
  }
}

inline std::uint8_t pil_pixel(int low_sum, int high_sum) {
  constexpr int kHalf = 1 << (kPilFractionBits - 1);
  return clamped_byte((high_sum * (1 << kPilLowBits) + low_sum + kHalf) >> kPilFractionBits);
}

void PilAcross(const std::uint8_t* row, const Windows& windows, int groups, std::uint8_t* rgbx) {
  for (int x = 0; x < windows.width_px; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      const std::uint8_t* first = row + windows.byte_offsets[x] + channel;
      const std::int32_t* pairs = windows.weight_pairs + static_cast<std::ptrdiff_t>(4) * groups * x;
      int low_sum = 0, high_sum = 0;
      for (int group = 0; group < groups; ++group, first += 12, pairs += 4) {
        low_sum += pair_sum(first, pairs[0]) + pair_sum(first + 6, pairs[1]);
        high_sum += pair_sum(first, pairs[2]) + pair_sum(first + 6, pairs[3]);
      }
      rgbx[4 * x + channel] = pil_pixel(low_sum, high_sum);
    }
  }
}

void PilDown(const PilLines& from, int width_px, std::uint8_t* rgbx) {
  for (int index = 0; index < 4 * width_px; ++index) {
    int low_sum = 0, high_sum = 0;
    for (int pair = 0; pair < from.pairs; ++pair) {
      const int upper = from.lines[2 * pair][index], lower = from.lines[2 * pair + 1][index];
      const std::int32_t low = from.weight_pairs[2 * pair], high = from.weight_pairs[2 * pair + 1];
      low_sum += upper * low_half(low) + lower * high_half(low);
      high_sum += upper * low_half(high) + lower * high_half(high);
    }
    rgbx[index] = pil_pixel(low_sum, high_sum);
  }
}

void ExpandRow(const std::uint8_t* rgb, int width_px, std::uint8_t* rgbx) { expand_pixels(rgb, 0, width_px, rgbx); }

void NormalizeRow(const std::uint8_t* rgbx, int width_px, float scale, const ChannelOutput (&channels)[3]) {
  for (int channel = 0; channel < 3; ++channel) {
    const ChannelOutput& output = channels[channel];
    for (int x = 0; x < width_px; ++x) {
      const float scaled = static_cast<float>(rgbx[4 * x + channel]) * scale;
      output.plane[x] = (scaled - output.mean) / output.std;
    }
  }
}
