#include "postprocess/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace ppinfer {
namespace {

std::vector<int> slow_top_k(const std::vector<float>& scores, int k) {
  std::vector<int> ids(scores.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::stable_sort(ids.begin(), ids.end(), [&scores](int a, int b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  ids.resize(std::min(ids.size(), static_cast<std::size_t>(k)));
  return ids;
}

TEST(TopK, AsTheWholeSortSaysWithManyTies) {
  std::mt19937 random(7);
  std::vector<int> ids;
  for (const std::size_t classes : {1U, 2U, 3U, 10U, 1000U, 1777U}) {
    for (const int distinct : {1, 3, 50, 1000000}) {
      std::vector<float> scores(classes);
      for (float& score : scores) score = static_cast<float>(static_cast<int>(random() % 1000003) % distinct) - 10;
      for (const int k : {0, 1, 2, 5, 1000, 5000}) {
        top_k(scores, k, ids);
        EXPECT_EQ(ids, slow_top_k(scores, k)) << classes << " classes, " << distinct << " scores, k " << k;
      }
    }
  }
}

TEST(TopK, OfNothingIsNothing) {
  std::vector<int> ids{4, 5};
  top_k({}, 3, ids);
  EXPECT_TRUE(ids.empty());
}

TEST(TopK, NegativeZeroTiesWithZero) {
  std::vector<int> ids;
  top_k(std::vector<float>{-1.0F, -0.0F, 0.0F}, 2, ids);
  EXPECT_EQ(ids, (std::vector<int>{1, 2}));
}

TEST(TopK, NeedsNoMemoryOnceTheAnswerHasIts) {
  std::vector<int> ids;
  ids.reserve(5);
  const int* const memory = ids.data();
  std::vector<float> scores(1000);
  std::iota(scores.begin(), scores.end(), 0.0F);
  top_k(scores, 5, ids);
  EXPECT_EQ(ids, (std::vector<int>{999, 998, 997, 996, 995}));
  EXPECT_EQ(ids.data(), memory);
  EXPECT_EQ(ids.capacity(), 5U);
}

}  // namespace
}  // namespace ppinfer
