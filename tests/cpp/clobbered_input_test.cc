#include <gtest/gtest.h>

#include "ppinfer/error.h"
#include "ppinfer/record_writer.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

TEST(MistakenOutput, HasAnInputsEnding) {
  for (const char* path : {"a.jpg", "in/A.PNG"}) EXPECT_EQ(clobbered_input(path), "an image's name") << path;
  for (const char* path : {"s1.tar", "z.ZIP", "s.tar.gz", "s.tgz"}) {
    EXPECT_EQ(clobbered_input(path), "an archive's name") << path;
  }
  for (const char* path : {"net.onnx", "m/NET.XML", "w.pdiparams"}) {
    EXPECT_EQ(clobbered_input(path), "a model's name") << path;
  }
  for (const char* path : {"-", "", "r.jsonl", "photos.tar/r", "r"}) EXPECT_EQ(clobbered_input(path), "") << path;
}

TEST(MistakenOutput, IsAFileThatIsRead) {
  const TemporaryFolder folder;
  const std::string list = folder.write("list.txt", "a.jpg\n");
  const std::string config = folder.write("config.txt", "topk 1\n");
  std::filesystem::create_symlink("list.txt", folder.path("link"));
  EXPECT_EQ(clobbered_input(folder.path("./list.txt"), list, config), "the list of images");
  EXPECT_EQ(clobbered_input(folder.path("link"), list), "the list of images");
  EXPECT_EQ(clobbered_input(config, list, config), "the config");
  EXPECT_EQ(clobbered_input(folder.path("new.txt"), list, config), "");
  EXPECT_EQ(clobbered_input("/dev/null", "/dev/null"), "");
  folder.write("a.jpg", "");
  folder.write("net.onnx", "");
  std::filesystem::create_symlink("a.jpg", folder.path("r.jsonl"));
  std::filesystem::create_symlink("net.onnx", folder.path("r.csv"));
  EXPECT_EQ(clobbered_input(folder.path("r.jsonl")), "an image's name");
  EXPECT_EQ(clobbered_input(folder.path("r.csv")), "a model's name");
  EXPECT_EQ(clobbered_input(folder.write("IMG_1", "\xFF\xD8\xFF\xE0")), "an image");
  EXPECT_EQ(clobbered_input(folder.write("records", "BMW.jpg\t7 car 0.5\n")), "");
  EXPECT_NO_THROW(require_not_read(folder.path("new.txt"), {list, config, ""}));
  EXPECT_NO_THROW(require_not_read("-", {"-"}));
  EXPECT_THROW(require_not_read(folder.path("link"), {config, list}), ConfigError);
  EXPECT_EQ(clobbered_input("-", "-", "-"), "");
}

}  // namespace
}  // namespace ppinfer
