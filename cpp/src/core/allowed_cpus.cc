#include "core/allowed_cpus.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

namespace ppinfer {
namespace {

// CPUs that quota/period grants, rounded up; 0 when it grants no limit.
int cpus_of(std::int64_t quota_us, std::int64_t period_us) {
  if (quota_us <= 0 || period_us <= 0) return 0;
  return static_cast<int>(std::min<std::int64_t>((quota_us + period_us - 1) / period_us, 1 << 20));
}

int tighter(int a, int b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

int quota_v2(const std::string& folder) {  // "max 100000" or "150000 100000"
  std::ifstream file(folder + "/cpu.max");
  std::int64_t quota_us = 0;
  std::int64_t period_us = 0;
  return file >> quota_us >> period_us ? cpus_of(quota_us, period_us) : 0;
}

int quota_v1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us");
  std::ifstream period_file(folder + "/cpu.cfs_period_us");
  std::int64_t quota_us = 0;
  std::int64_t period_us = 0;
  return quota_file >> quota_us && period_file >> period_us ? cpus_of(quota_us, period_us) : 0;
}

// The tightest quota of a group and its ancestors. In a container the group's own path may not be visible: then what is
// mounted at the top is the container's group.
template <class Quota>
int tightest_upwards(const std::string& mount, std::string group, Quota quota) {
  int cpus = quota(mount);
  if (group.empty() || group.front() != '/') return cpus;
  for (auto end = group.size(); end > 0 && end != std::string::npos; end = group.find_last_of('/')) {
    group.erase(end);
    cpus = tighter(cpus, quota(mount + group));
  }
  return cpus;
}

bool lists_cpu_controller(std::string_view controllers) {
  std::stringstream list{std::string(controllers)};
  for (std::string name; std::getline(list, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

int cpu_quota(const std::string& cgroup_root, const std::string& proc_self_cgroup) {
  int cpus = 0;
  std::stringstream lines(proc_self_cgroup);
  for (std::string line; std::getline(lines, line);) {  // id:controllers:path
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      cpus = tighter(cpus, tightest_upwards(cgroup_root, group, quota_v2));
    } else if (lists_cpu_controller(controllers)) {
      for (const std::string& mount : {controllers, std::string("cpu")}) {
        cpus = tighter(cpus, tightest_upwards(cgroup_root + "/" + mount, group, quota_v1));
      }
    }
  }
  return cpus;
}

int allowed_cpu_count() {
  int cpus = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof(mask), &mask) == 0) cpus = CPU_COUNT(&mask);
  std::stringstream groups;
  groups << std::ifstream("/proc/self/cgroup").rdbuf();
  const int quota = cpu_quota("/sys/fs/cgroup", groups.str());
  return std::max(1, quota > 0 ? std::min(quota, cpus) : cpus);
}

}  // namespace ppinfer
