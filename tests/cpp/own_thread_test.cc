#include "../../cpp/engines/paddle/own_thread.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace ppinfer {
namespace {

TEST(OwnThread, AllWorkIsDoneInOneThreadWhoeverAsks) {
  OwnThread own;
  std::vector<std::thread::id> seen;
  const auto look = [&] { seen.push_back(std::this_thread::get_id()); };
  for (int round = 0; round < 100; ++round) {
    own.run(look);
    std::thread([&] { own.run(look); }).join();
  }
  ASSERT_EQ(seen.size(), 200u);
  for (const std::thread::id id : seen) EXPECT_EQ(id, seen.front());
  EXPECT_NE(seen.front(), std::this_thread::get_id());
}

TEST(OwnThread, WhatTheWorkThrowsComesOutAndTheThreadLivesOn) {
  OwnThread own;
  bool done = false;
  EXPECT_THROW(own.run([] { throw std::out_of_range("no"); }), std::out_of_range);
  own.run([&] { done = true; });
  EXPECT_TRUE(done);
}

TEST(OwnThread, EndsWithoutHavingWorked) {
  for (int round = 0; round < 100; ++round) OwnThread own;
}

}  // namespace
}  // namespace ppinfer
