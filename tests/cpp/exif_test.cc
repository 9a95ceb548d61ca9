#include "decode/exif.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ppinfer {
namespace {

Orientation orientation_in(const std::string& block) {
  return exif_orientation({reinterpret_cast<const std::uint8_t*>(block.data()), block.size()});
}

std::string little(char value) {
  std::string block("II*\0\x08\0\0\0\x02\0", 10);
  block += std::string("\x0f\x01\x02\0\x01\0\0\0ab\0\0", 12);  // Make
  block += std::string("\x12\x01\x03\0\x01\0\0\0", 8) + value + std::string(3, '\0');
  return block + std::string(4, '\0');
}

std::string big(char value) {
  std::string block("MM\0*\0\0\0\x08\0\x01", 10);
  block += std::string("\x01\x12\0\x03\0\0\0\x01\0", 9) + value + std::string(2, '\0');
  return block + std::string(4, '\0');
}

TEST(Exif, BothByteOrders) {
  for (char value = 1; value <= 8; ++value) {
    EXPECT_EQ(orientation_in(little(value)), value);
    EXPECT_EQ(orientation_in(big(value)), value);
  }
}

TEST(Exif, NonsenseIsUpright) {
  for (const char value : {'\0', '\x09', '\xff'}) EXPECT_EQ(orientation_in(little(value)), 1);
  EXPECT_EQ(orientation_in(""), 1);
  EXPECT_EQ(orientation_in("II"), 1);
  EXPECT_EQ(orientation_in(std::string("II*\0\xff\xff\xff\xff", 8)), 1);
  EXPECT_EQ(orientation_in(std::string("MM\0*\0\0\0\x08\xff\xff", 10)), 1);
  EXPECT_EQ(orientation_in("http://ns.adobe.com/xap/1.0/"), 1);
}

TEST(Exif, EveryTruncationIsReadSafely) {
  const std::string whole = little(6);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // A vector of its own, so that a sanitizer sees a step over the end.
    const std::vector<std::uint8_t> block(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const Orientation orientation = exif_orientation(block);
    EXPECT_TRUE(orientation == 1 || orientation == 6);
  }
}

TEST(Exif, InverseUndoes) {
  for (const Orientation orientation : {1, 2, 3, 4, 5, 7}) EXPECT_EQ(inverse(orientation), orientation);
  EXPECT_EQ(inverse(6), 8);
  EXPECT_EQ(inverse(8), 6);
}

}  // namespace
}  // namespace ppinfer
