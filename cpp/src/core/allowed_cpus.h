// What this process may use of the machine.
#pragma once

#include <string>

namespace ppinfer {

// CPUs that this process may keep busy: the smaller of its affinity mask and its cgroup quota (v1 and v2, rounded up),
// at least 1. Not the machine's CPU count.
int allowed_cpu_count();

// The same arithmetic on given inputs, for tests: `cgroup_root` stands for /sys/fs/cgroup, `proc_self_cgroup` for the
// text of /proc/self/cgroup.
int cpu_quota(const std::string& cgroup_root, const std::string& proc_self_cgroup);  // 0: no quota

}  // namespace ppinfer
