#include "core/xxh64.h"

#include <gtest/gtest.h>

#include <string>

namespace ppinfer {
namespace {

// What `xxhsum -H1` and Python's xxhash give.
TEST(Xxh64, GivesTheHashesOfItsSpecification) {
  EXPECT_EQ(Xxh64::of(""), 0xef46db3751d8e999u);
  EXPECT_EQ(Xxh64::of("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(Xxh64::of("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(Xxh64::of("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1u);
  EXPECT_EQ(Xxh64::of("xxhash", 20141025), 0xb559b98d844e0635u);
}

TEST(Xxh64, EveryBitAndTheLengthTell) {
  for (const std::size_t length : {1u, 7u, 31u, 32u, 100u}) {
    std::string bytes(length, '\0');
    const std::uint64_t whole = Xxh64::of(bytes);
    EXPECT_NE(Xxh64::of(bytes + '\0'), whole);
    for (std::size_t bit = 0; bit < 8 * length; ++bit) {
      std::string other = bytes;
      other[bit / 8] = static_cast<char>(1 << bit % 8);
      EXPECT_NE(Xxh64::of(other), whole) << bit << " of " << length;
    }
  }
}

}  // namespace
}  // namespace ppinfer
