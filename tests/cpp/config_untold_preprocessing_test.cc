#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class UntoldPreprocessing : public ConfigFolder {
 protected:
  void SetUp() override {
    ConfigFolder::SetUp();
    put_paddle_model("model");
  }

  static std::vector<std::string> notices_of(const std::vector<Override>& overrides) {
    return Config::from_overrides(overrides).notices();
  }
};

TEST_F(UntoldPreprocessing, IsSaidWhereDefaultsAreTaken) {
  EXPECT_THAT(notices_of({{"model_dir", "model"}}),
              ElementsAre(AllOf(HasSubstr("no inference.yml lies beside model/inference.pdmodel"),
                                HasSubstr("resize_short_size 256, crop_size 224, mean 0.485,0.456,0.406, std 0.229"),
                                Not(HasSubstr("config.txt")))));
  EXPECT_THAT(notices_of({{"cls_model_path", "model/inference.pdmodel"}, {"decode", "fast"}}),
              ElementsAre(HasSubstr("no inference.yml")));
}

TEST_F(UntoldPreprocessing, AConfigBesideTheModelIsPointedAt) {
  put("model/config.txt", "model_dir .\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), ElementsAre(HasSubstr("-c model/config.txt")));
  EXPECT_THAT(Config::from_file("model/config.txt").notices(), ElementsAre(Not(HasSubstr("-c model/config.txt"))));
}

TEST_F(UntoldPreprocessing, ASpecWithoutItIsNoSay) {
  put("model/inference.yml", "PostProcess:\n  Topk: {topk: 3}\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), ElementsAre(HasSubstr("model/inference.yml has no PreProcess")));
}

TEST_F(UntoldPreprocessing, AnyoneWhoSaysOneThingKnows) {
  EXPECT_THAT(notices_of({{"model_dir", "model"}, {"crop_size", "224"}}), IsEmpty());
  EXPECT_THAT(config_of("model_dir model\nmean 0.5,0.5,0.5\n").notices(), IsEmpty());
  put("model/inference.yml",
      "PreProcess:\n  transform_ops:\n  - ResizeImage: {size: 224}\n"
      "  - NormalizeImage: {order: ''}\n  - ToCHWImage: null\n");
  EXPECT_THAT(notices_of({{"model_dir", "model"}}), IsEmpty());
}

}  // namespace
}  // namespace ppinfer
