// What this process may use of the machine: the arithmetic behind allowed_cpu_count() of predictor.h.
#pragma once

#include <string>

#include "ppinfer/predictor.h"

namespace ppinfer {

// On given inputs, for tests: `cgroup_root` stands for /sys/fs/cgroup, `proc_self_cgroup` for the
// text of /proc/self/cgroup.
int cpu_quota(const std::string& cgroup_root, const std::string& proc_self_cgroup);  // 0: no quota

}  // namespace ppinfer
