#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ppinfer/config.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;

class FilesOfModel : public testing::Test {
 protected:
  // An entry of a tensor's external_data, as protobuf writes it.
  static std::string location(const std::string& name) {
    std::string length(1, static_cast<char>(name.size() < 0x80 ? name.size() : (name.size() & 0x7F) | 0x80));
    if (name.size() >= 0x80) length += static_cast<char>(name.size() >> 7U);
    return "j\x20\x0a\x08location\x12" + length + name;
  }

  const TemporaryFolder folder_;
};

TEST_F(FilesOfModel, AreTheTwoThatAreGiven) {
  EXPECT_THAT(files_of_model("net.pdmodel", "net.pdiparams"), ElementsAre("net.pdmodel", "net.pdiparams"));
  EXPECT_THAT(files_of_model("gone.onnx", ""), ElementsAre("gone.onnx"));
}

TEST_F(FilesOfModel, AreTheWeightsBesideAnIrOfThatEnding) {
  const std::string model = folder_.write("m.xml", "<net/>");
  EXPECT_THAT(files_of_model(model, ""), ElementsAre(model));
  const std::string weights = folder_.write("m.bin", "1");
  EXPECT_THAT(files_of_model(model, ""), ElementsAre(model, weights));
  const std::string other = folder_.write("m.xml.d/m.onnx", "");
  folder_.write("m.bin.d/m.onnx", "");
  EXPECT_THAT(files_of_model(other, ""), ElementsAre(other));
}

TEST_F(FilesOfModel, AreThoseThatAnOnnxNamesOnceEach) {
  const std::string long_name(200, 'w');
  const std::string inline_weights((1 << 20) - 40, '\x0a');  // the entry behind them goes on into the next block
  const std::string model =
      folder_.write("m.onnx", "\x08\x07" + location("w.data") + location("w.data") + inline_weights +
                                  location(long_name) + location("gone") + "\x0a\x08location\x12");
  const std::string first = folder_.write("w.data", "1");
  const std::string second = folder_.write(long_name, "1");
  EXPECT_THAT(files_of_model(model, ""), ElementsAre(model, first, second));
}

}  // namespace
}  // namespace ppinfer
