// Every instruction set that the row kernels are compiled for and this CPU has, forced one by one.
#pragma once

#include <hwy/highway.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace ppinfer {

inline std::vector<std::int64_t> simd_targets() {
  std::vector<std::int64_t> targets;
  const std::int64_t usable = HWY_TARGETS & (hwy::SupportedTargets() | HWY_STATIC_TARGET);
  for (int bit = 0; bit < 63; ++bit) {
    if ((usable >> bit & 1) != 0) targets.push_back(std::int64_t{1} << bit);
  }
  return targets;
}

// Calls `body` once a target, the plain loops included where the compiler's own target is those.
inline void with_every_target(const std::function<void(const char* name)>& body) {
  for (const std::int64_t target : simd_targets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace ppinfer
