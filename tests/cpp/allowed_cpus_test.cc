#include "core/allowed_cpus.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

class CpuQuota : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(root_); }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  int quota(const std::string& proc_self_cgroup) { return cpu_quota(root_.string(), proc_self_cgroup); }

 private:
  fs::path root_ = fs::temp_directory_path() / ("ppinfer_cgroup_" + std::to_string(getpid()));
};

TEST_F(CpuQuota, V2ReadsTheGroupsOwnLimitRoundedUp) {
  put("jobs/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota("0::/jobs/a\n"), 2);
}

TEST_F(CpuQuota, V2TakesTheTightestAncestor) {
  put("jobs/cpu.max", "100000 100000\n");
  put("jobs/a/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota("0::/jobs/a\n"), 1);
}

TEST_F(CpuQuota, V2MaxMeansNoQuota) {
  put("jobs/a/cpu.max", "max 100000\n");
  EXPECT_EQ(quota("0::/jobs/a\n"), 0);
}

TEST_F(CpuQuota, InAContainerTheMountedTopIsTheContainersGroup) {
  put("cpu.max", "300000 100000\n");
  EXPECT_EQ(quota("0::/docker/not-visible-here\n"), 3);
}

TEST_F(CpuQuota, V1ReadsTheCpuControllerUnderEitherMountName) {
  put("cpu,cpuacct/jobs/cpu.cfs_quota_us", "250000\n");
  put("cpu,cpuacct/jobs/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("4:memory:/jobs\n3:cpu,cpuacct:/jobs\n"), 3);
  put("cpu/jobs/cpu.cfs_quota_us", "100000\n");
  put("cpu/jobs/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("3:cpu,cpuacct:/jobs\n"), 1);
}

TEST_F(CpuQuota, V1MinusOneMeansNoQuota) {
  put("cpu/cpu.cfs_quota_us", "-1\n");
  put("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("3:cpu:/\n"), 0);
}

TEST_F(CpuQuota, NonsenseIsNoQuota) { EXPECT_EQ(quota("garbage\n::\n0::relative\n"), 0); }

TEST(AllowedCpus, FollowsTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(allowed_cpu_count(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_LE(allowed_cpu_count(), CPU_COUNT(&before));
}

}  // namespace
}  // namespace ppinfer
