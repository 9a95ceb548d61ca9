#include <gtest/gtest.h>

#include <functional>

#include "ppinfer/image_files.h"

namespace ppinfer {
namespace {

TEST(InputIdentity, DiffersWhereTheInputsMay) {
  const auto identity = [](std::vector<std::string> paths, const std::function<void(InputOptions&)>& change = {}) {
    InputOptions options;
    if (change) change(options);
    return ImageFiles(std::move(paths), options).identity();
  };
  const std::vector<std::string> many(5000, "a");
  std::vector<std::string> others = many;
  others.back() = "b";
  const std::vector<std::vector<std::pair<std::string, std::string>>> all{
      identity({"a"}),
      identity({"b"}),
      identity({"a", "b"}),
      identity({"a, b"}),
      identity({"\xff"}),
      identity({"a"}, [](InputOptions& options) { options.include = {"*.jpg"}; }),
      identity({"a"}, [](InputOptions& options) { options.exclude = {"*.jpg"}; }),
      identity({"a"}, [](InputOptions& options) { options.hidden = true; }),
      identity({"a"}, [](InputOptions& options) { options.follow_links = false; }),
      identity({"a"}, [](InputOptions& options) { options.shard_count = 2; }),
      identity(many),
      identity(others),
  };
  for (std::size_t one = 0; one < all.size(); ++one) {
    for (std::size_t other = 0; other < one; ++other) EXPECT_NE(all[one], all[other]) << one << " " << other;
  }
  EXPECT_LT(all.back().front().second.size(), 5000U);
  EXPECT_EQ(all.front(), identity({"a"}));
}

}  // namespace
}  // namespace ppinfer
