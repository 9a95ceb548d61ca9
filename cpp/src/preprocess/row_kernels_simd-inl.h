// The row kernels in Highway's vectors, compiled once a target. Included by row_kernels.cc only, inside its namespaces.
// NOLINTBEGIN(misc-definitions-in-headers): that is why they may be.

using Bytes8 = hn::FixedTag<std::uint8_t, 8>;
using Bytes16 = hn::FixedTag<std::uint8_t, 16>;
using Shorts8 = hn::FixedTag<std::int16_t, 8>;
using Ints4 = hn::FixedTag<std::int32_t, 4>;

// Sums of products of neighbouring int16, one an int32. Highway leaves open which products its own operation adds up.
// With x86 instructions it is these; in its plain loops for CPUs without SSSE3 (EMU128) it isn't.
template <class DI, class V>
HWY_INLINE hn::Vec<DI> AddPairProducts(DI ints, V values, V weights, hn::Vec<DI> sum) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  auto unused = hn::Zero(ints);
  return hn::ReorderWidenMulAccumulate(ints, values, weights, sum, unused);
#else
  const auto v = hn::BitCast(ints, values), w = hn::BitCast(ints, weights);
  const auto even = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(v)), hn::ShiftRight<16>(hn::ShiftLeft<16>(w)));
  const auto odd = hn::Mul(hn::ShiftRight<16>(v), hn::ShiftRight<16>(w));
  return hn::Add(sum, hn::Add(even, odd));
#endif
}

// A weight pair for all channels.
HWY_INLINE hn::Vec<Shorts8> Repeated(std::int32_t pair) { return hn::BitCast(Shorts8(), hn::Set(Ints4(), pair)); }

// Bytes of RGBRGB to int16: R R, G G, B B, 0 0. 0x80 makes a zero.
alignas(16) constexpr std::uint8_t kFirstPair[16] = {0, 0x80, 3, 0x80, 1,    0x80, 4,    0x80,
                                                     2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80};
alignas(16) constexpr std::uint8_t kSecondPair[16] = {6, 0x80, 9,  0x80, 7,    0x80, 10,   0x80,
                                                      8, 0x80, 11, 0x80, 0x80, 0x80, 0x80, 0x80};

template <class V>
HWY_INLINE hn::Vec<Shorts8> Picked(V bytes, V places) {
  return hn::BitCast(Shorts8(), hn::TableLookupBytesOr0(bytes, places));
}

template <int kShift>
HWY_INLINE void TwoTaps(const std::uint8_t* HWY_RESTRICT row, const Windows& windows, std::int16_t* HWY_RESTRICT line) {
  const Ints4 ints;
  const auto places = hn::Load(Bytes16(), kFirstPair);
  const auto zero = hn::Zero(ints);
  const auto sum_at = [&](int x) HWY_ATTR {
    const auto bytes = hn::ZeroExtendVector(Bytes16(), hn::LoadU(Bytes8(), row + windows.byte_offsets[x]));
    return hn::ShiftRight<kShift>(
        AddPairProducts(ints, Picked(bytes, places), Repeated(windows.weight_pairs[x]), zero));
  };
  for (int x = 0; x < windows.width_px; x += 2) {
    hn::StoreU(hn::ReorderDemote2To(Shorts8(), sum_at(x), sum_at(x + 1)), Shorts8(), line + place_of(x, 4));
  }
}

void TwoTapsAcross(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  TwoTaps<4>(row, windows, line);
}

void TwoTapsAcrossUnshifted(const std::uint8_t* row, const Windows& windows, std::int16_t* line) {
  TwoTaps<0>(row, windows, line);
}

void FourTapsAcross(const std::uint8_t* HWY_RESTRICT row, const Windows& windows, std::int32_t* HWY_RESTRICT line) {
  const Ints4 ints;
  const auto first_pair = hn::Load(Bytes16(), kFirstPair), second_pair = hn::Load(Bytes16(), kSecondPair);
  for (int x = 0; x < windows.width_px; ++x) {
    const auto bytes = hn::LoadU(Bytes16(), row + windows.byte_offsets[x]);
    auto sum = AddPairProducts(ints, Picked(bytes, first_pair), Repeated(windows.weight_pairs[place_of(x, 2)]),
                               hn::Zero(ints));
    sum = AddPairProducts(ints, Picked(bytes, second_pair), Repeated(windows.weight_pairs[place_of(x, 2) + 1]), sum);
    hn::StoreU(sum, ints, line + place_of(x, 4));
  }
}

void EightTapsAcross(const std::uint8_t* HWY_RESTRICT row, const Windows& windows, std::int32_t* HWY_RESTRICT line) {
  const Ints4 ints;
  const auto first_pair = hn::Load(Bytes16(), kFirstPair), second_pair = hn::Load(Bytes16(), kSecondPair);
  for (int x = 0; x < windows.width_px; ++x) {
    const std::uint8_t* const first = row + windows.byte_offsets[x];
    const std::int32_t* const pairs = windows.weight_pairs + place_of(x, 4);
    auto sum = hn::Zero(ints);
    for (int group = 0; group < 2; ++group) {
      const auto bytes = hn::LoadU(Bytes16(), first + place_of(group, 12));
      sum = AddPairProducts(ints, Picked(bytes, first_pair), Repeated(pairs[place_of(group, 2)]), sum);
      sum = AddPairProducts(ints, Picked(bytes, second_pair), Repeated(pairs[place_of(group, 2) + 1]), sum);
    }
    hn::StoreU(sum, ints, line + place_of(x, 4));
  }
}

void BilinearDown(const BilinearLines& from, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<std::int16_t> shorts;
  const hn::Rebind<std::uint8_t, decltype(shorts)> bytes;
  const auto upper_weight = hn::Set(shorts, static_cast<std::int16_t>(from.weights[0]));
  const auto lower_weight = hn::Set(shorts, static_cast<std::int16_t>(from.weights[1]));
  const auto two = hn::Set(shorts, 2);
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(shorts)) {
    const auto upper = hn::MulHigh(hn::LoadU(shorts, from.lines[0] + index), upper_weight);
    const auto lower = hn::MulHigh(hn::LoadU(shorts, from.lines[1] + index), lower_weight);
    const auto sum = hn::ShiftRight<2>(hn::Add(hn::Add(upper, lower), two));
    hn::StoreU(hn::DemoteTo(bytes, sum), bytes, rgbx + index);
  }
}

void HalveDown(const std::int16_t* HWY_RESTRICT upper, const std::int16_t* HWY_RESTRICT lower, int width_px,
               std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<std::int16_t> shorts;
  const hn::Rebind<std::uint8_t, decltype(shorts)> bytes;
  const auto two = hn::Set(shorts, 2);
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(shorts)) {
    const auto sum = hn::Add(hn::LoadU(shorts, upper + index), hn::LoadU(shorts, lower + index));
    hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<2>(hn::Add(sum, two))), bytes, rgbx + index);
  }
}

void BicubicDown(const BicubicLines& from, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<float> floats;
  const hn::RebindToSigned<decltype(floats)> ints;
  const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
  const auto product = [&](int line, std::size_t index) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(floats, hn::LoadU(ints, from.lines[line] + index)),
                   hn::Set(floats, from.weights[line]));
  };
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(floats)) {
    auto sum = hn::Add(product(2, index), product(3, index));
    sum = hn::Add(product(1, index), sum);
    sum = hn::Add(product(0, index), sum);
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(sum)), bytes, rgbx + index);
  }
}

void LanczosDown(const LanczosLines& from, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<std::int32_t> ints;
  const hn::Rebind<std::uint8_t, decltype(ints)> bytes;
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(ints)) {
    auto sum = hn::Set(ints, 1 << 21);
    for (int line = 0; line < 8; ++line) {
      sum = hn::Add(sum, hn::Mul(hn::LoadU(ints, from.lines[line] + index), hn::Set(ints, from.weights[line])));
    }
    hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<22>(sum)), bytes, rgbx + index);
  }
}

void AreaAcross(const std::uint8_t* HWY_RESTRICT row, const Stretches& stretches, float* HWY_RESTRICT line) {
  const hn::FixedTag<float, 4> floats;
  const hn::Rebind<std::int32_t, decltype(floats)> ints;
  const hn::FixedTag<std::uint8_t, 4> bytes;
  std::ptrdiff_t share = 0;
  for (int x = 0; x < stretches.width_px; ++x) {
    const std::uint8_t* pixel = row + stretches.byte_offsets[x];
    auto sum = hn::Zero(floats);
    for (; share < stretches.ends[x]; ++share, pixel += 3) {
      const auto values = hn::ConvertTo(floats, hn::PromoteTo(ints, hn::LoadU(bytes, pixel)));
      sum = hn::Add(sum, hn::Mul(values, hn::Set(floats, stretches.shares[share])));
    }
    hn::StoreU(sum, floats, line + place_of(x, 4));
  }
}

void AreaDownFirst(const float* HWY_RESTRICT line, float share, int width_px, float* HWY_RESTRICT sum) {
  const hn::ScalableTag<float> floats;
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(floats)) {
    hn::StoreU(hn::Mul(hn::LoadU(floats, line + index), hn::Set(floats, share)), floats, sum + index);
  }
}

void AreaDownNext(const float* HWY_RESTRICT line, float share, int width_px, float* HWY_RESTRICT sum) {
  const hn::ScalableTag<float> floats;
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(floats)) {
    const auto product = hn::Mul(hn::LoadU(floats, line + index), hn::Set(floats, share));
    hn::StoreU(hn::Add(hn::LoadU(floats, sum + index), product), floats, sum + index);
  }
}

void AreaRound(const float* HWY_RESTRICT sum, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<float> floats;
  const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(floats)) {
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(hn::LoadU(floats, sum + index))), bytes, rgbx + index);
  }
}

template <class DI, class V = hn::Vec<DI>>
HWY_INLINE V PilPixels(DI ints, V low_sum, V high_sum) {
  const auto half = hn::Set(ints, 1 << (kPilFractionBits - 1));
  const auto sum = hn::Add(hn::ShiftLeft<kPilLowBits>(high_sum), hn::Add(low_sum, half));
  return hn::ShiftRight<kPilFractionBits>(sum);
}

void PilAcross(const std::uint8_t* HWY_RESTRICT row, const Windows& windows, int groups,
               std::uint8_t* HWY_RESTRICT rgbx) {
  const Ints4 ints;
  const hn::FixedTag<std::uint8_t, 4> pixel;
  const auto first_pair = hn::Load(Bytes16(), kFirstPair), second_pair = hn::Load(Bytes16(), kSecondPair);
  const std::int32_t* pairs = windows.weight_pairs;
  for (int x = 0; x < windows.width_px; ++x) {
    const std::uint8_t* first = row + windows.byte_offsets[x];
    auto low_sum = hn::Zero(ints), high_sum = hn::Zero(ints);
    for (int group = 0; group < groups; ++group, first += 12, pairs += 4) {
      const auto bytes = hn::LoadU(Bytes16(), first);
      const auto taps01 = Picked(bytes, first_pair), taps23 = Picked(bytes, second_pair);
      low_sum = AddPairProducts(ints, taps01, Repeated(pairs[0]), low_sum);
      low_sum = AddPairProducts(ints, taps23, Repeated(pairs[1]), low_sum);
      high_sum = AddPairProducts(ints, taps01, Repeated(pairs[2]), high_sum);
      high_sum = AddPairProducts(ints, taps23, Repeated(pairs[3]), high_sum);
    }
    hn::StoreU(hn::DemoteTo(pixel, PilPixels(ints, low_sum, high_sum)), pixel, rgbx + place_of(x, 4));
  }
}

void PilDown(const PilLines& from, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<std::int16_t> shorts;
  const hn::RepartitionToWide<decltype(shorts)> ints;
  const hn::Rebind<std::uint8_t, decltype(shorts)> bytes;
  for (std::size_t index = 0; index < 4 * static_cast<std::size_t>(width_px); index += hn::Lanes(shorts)) {
    // Interleaving and packing back both keep to blocks of 16 bytes, so that the pixels end in order.
    auto low_sum0 = hn::Zero(ints), low_sum1 = low_sum0, high_sum0 = low_sum0, high_sum1 = low_sum0;
    for (std::ptrdiff_t pair = 0; pair < from.pairs; ++pair) {
      const auto upper = hn::PromoteTo(shorts, hn::LoadU(bytes, from.lines[2 * pair] + index));
      const auto lower = hn::PromoteTo(shorts, hn::LoadU(bytes, from.lines[2 * pair + 1] + index));
      const auto low = hn::BitCast(shorts, hn::Set(ints, from.weight_pairs[2 * pair]));
      const auto high = hn::BitCast(shorts, hn::Set(ints, from.weight_pairs[2 * pair + 1]));
      const auto taps0 = hn::InterleaveLower(shorts, upper, lower), taps1 = hn::InterleaveUpper(shorts, upper, lower);
      low_sum0 = AddPairProducts(ints, taps0, low, low_sum0);
      low_sum1 = AddPairProducts(ints, taps1, low, low_sum1);
      high_sum0 = AddPairProducts(ints, taps0, high, high_sum0);
      high_sum1 = AddPairProducts(ints, taps1, high, high_sum1);
    }
    const auto pixels =
        hn::ReorderDemote2To(shorts, PilPixels(ints, low_sum0, high_sum0), PilPixels(ints, low_sum1, high_sum1));
    hn::StoreU(hn::DemoteTo(bytes, pixels), bytes, rgbx + index);
  }
}

void ExpandRow(const std::uint8_t* HWY_RESTRICT rgb, int width_px, std::uint8_t* HWY_RESTRICT rgbx) {
  const hn::ScalableTag<std::uint8_t> bytes;
  const int lanes = static_cast<int>(hn::Lanes(bytes));
  int x = 0;
  for (; x + lanes <= width_px; x += lanes) {
    hn::Vec<decltype(bytes)> red, green, blue;
    hn::LoadInterleaved3(bytes, rgb + place_of(x, 3), red, green, blue);
    hn::StoreInterleaved4(red, green, blue, blue, bytes, rgbx + place_of(x, 4));
  }
  expand_pixels(rgb, x, width_px, rgbx);
}

void NormalizeRow(const std::uint8_t* HWY_RESTRICT rgbx, int width_px, float scale,
                  const ChannelOutput (&channels)[3]) {
  const hn::ScalableTag<float> floats;
  const hn::RebindToUnsigned<decltype(floats)> words;
  const hn::RebindToSigned<decltype(floats)> ints;
  const auto byte_mask = hn::Set(words, 0xff);
  const auto factor = hn::Set(floats, scale);
  const int lanes = static_cast<int>(hn::Lanes(floats));
  // pixels: of one channel, a byte in each word
  const auto normalized = [&](auto pixels, const ChannelOutput& output) HWY_ATTR {
    const auto scaled = hn::Mul(hn::ConvertTo(floats, hn::BitCast(ints, hn::And(pixels, byte_mask))), factor);
    return hn::Div(hn::Sub(scaled, hn::Set(floats, output.mean)), hn::Set(floats, output.std));
  };
  const auto pixels_at = [&](int x) HWY_ATTR {
    return hn::BitCast(words, hn::LoadU(hn::Repartition<std::uint8_t, decltype(words)>(), rgbx + place_of(x, 4)));
  };
  const auto store = [&](int x, auto to) HWY_ATTR {
    const auto pixels = pixels_at(x);
    hn::StoreU(normalized(pixels, channels[0]), floats, to(0));
    hn::StoreU(normalized(hn::ShiftRight<8>(pixels), channels[1]), floats, to(1));
    hn::StoreU(normalized(hn::ShiftRight<16>(pixels), channels[2]), floats, to(2));
  };
  for (int x = 0; x + lanes <= width_px; x += lanes) {
    store(x, [&](int channel) HWY_ATTR { return channels[channel].plane + x; });
  }
  const int rest = width_px % lanes;
  if (rest == 0) return;
  HWY_ALIGN float values[3][HWY_MAX_BYTES / sizeof(float)];
  store(width_px - rest, [&](int channel) HWY_ATTR { return values[channel]; });
  for (int channel = 0; channel < 3; ++channel) {
    std::copy_n(values[channel], rest, channels[channel].plane + width_px - rest);
  }
}

// NOLINTEND(misc-definitions-in-headers)
