#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/model_weights.h"
#include "ppinfer/config.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Protobuf's wire format.
std::string varint(std::size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  return bytes + static_cast<char>(value);
}
std::string field(int number, const std::string& value) {
  return varint(static_cast<std::size_t>(number) << 3U | 2U) + varint(value.size()) + value;
}

std::string tensor(const std::string& location) {
  return field(13, field(1, "location") + field(2, location)) + "\x70\x01";
}
std::string model(const std::string& graph) { return "\x08\x07" + field(7, graph); }
std::string initializer(const std::string& location) { return field(5, tensor(location)); }
std::string attribute(int number, const std::string& value) { return field(1, field(5, field(number, value))); }

class FilesOfModel : public testing::Test {
 protected:
  std::string onnx(const std::string& content) const { return folder_.write("model/m.onnx", content); }
  std::string weights(const std::string& name) const { return folder_.write("model/" + name, "1"); }
  static std::string problem_of(const std::string& path) {
    try {
      files_of_model(path, "");
    } catch (const ModelError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryFolder folder_;
};

TEST_F(FilesOfModel, AreTheTwoThatAreGiven) {
  EXPECT_THAT(files_of_model("net.pdmodel", "net.pdiparams"), ElementsAre("net.pdmodel", "net.pdiparams"));
  EXPECT_THAT(files_of_model("gone.onnx", ""), ElementsAre("gone.onnx"));
}

TEST_F(FilesOfModel, AreTheWeightsBesideAnIrOfThatEnding) {
  const std::string ir = folder_.write("m.xml", "<net/>");
  EXPECT_THAT(files_of_model(ir, ""), ElementsAre(ir));
  const std::string bin = folder_.write("m.bin", "1");
  EXPECT_THAT(files_of_model(ir, ""), ElementsAre(ir, bin));
  const std::string other = folder_.write("links/m.xml", "<net/>");
  fs::create_symlink(bin, folder_.path("links/m.bin"));
  EXPECT_THAT(files_of_model(other, ""), ElementsAre(other, folder_.path("links/m.bin")));
}

TEST_F(FilesOfModel, AreThoseThatTensorsOfAnOnnxNameWhereverTheyStand) {
  const std::string value_first = field(5, field(13, field(2, "b") + field(1, "location")));
  const std::string inner = "\x10\x01" + initializer("inner");
  const std::string path = onnx(
      model(initializer("a") + value_first + initializer("a") + field(5, field(9, std::string(1 << 20, '\x0a'))) +
            field(15, field(1, tensor("sparse"))) + attribute(5, tensor("attribute")) + attribute(10, tensor("one")) +
            attribute(6, inner) + attribute(11, attribute(6, initializer("deep"))) + initializer("gone")) +
      field(25, field(7, field(5, field(5, tensor("function"))))) + field(20, field(1, initializer("training"))) +
      model(initializer("merged")));
  std::vector<std::string> expected{path};
  for (const char* name : {"a", "b", "sparse", "attribute", "one", "inner", "deep", "function", "training", "merged"}) {
    expected.push_back(weights(name));
  }
  EXPECT_THAT(files_of_model(path, ""), testing::ElementsAreArray(expected));
}

TEST_F(FilesOfModel, OtherTextNamesNoFile) {
  const std::string entry = field(13, field(1, "location") + field(2, "secret"));
  weights("secret");
  const std::string path = onnx(field(6, entry) + field(14, field(1, "location") + field(2, "secret")) +
                                model(field(10, entry) + field(5, field(12, entry) + field(9, entry)) +
                                      field(5, field(13, field(1, "offset") + field(2, "secret")))));
  EXPECT_THAT(files_of_model(path, ""), ElementsAre(path));
}

TEST_F(FilesOfModel, NamesThatLeadElsewhereAreRefused) {
  folder_.write("secret", "1");
  fs::create_symlink(folder_.path("secret"), folder_.write("model/x", "") + ".link");
  for (const char* name : {"/etc/hostname", "../secret", "sub/../../secret", "", "x.link"}) {
    EXPECT_THAT(problem_of(onnx(model(initializer(name)))), HasSubstr("expected a file in the model's folder")) << name;
  }
  EXPECT_THAT(problem_of(onnx(model(initializer(std::string("a\0b", 3))))), HasSubstr("by a relative path"));
  folder_.write("model/*/_ORT_MEM_ADDR_/*", "1");  // to a front end an address in memory
  EXPECT_THAT(problem_of(onnx(model(initializer("*/_ORT_MEM_ADDR_/*")))), HasSubstr("by a relative path"));
}

TEST_F(FilesOfModel, WhatIsNoRegularFileIsNeverOpened) {
  const std::string path = onnx(model(initializer("pipe")));
  mkfifo(folder_.path("model/pipe").c_str(), 0600);
  EXPECT_THAT(problem_of(path), HasSubstr("is not a regular file"));
  mkfifo(folder_.path("model/m.bin").c_str(), 0600);
  EXPECT_THAT(problem_of(folder_.write("model/m.xml", "<net/>")), HasSubstr("is not a regular file"));
  const std::string pipe = folder_.path("pipe.onnx");
  mkfifo(pipe.c_str(), 0600);
  EXPECT_THAT(problem_of(pipe), HasSubstr("is not a regular file"));
  fs::create_symlink("/dev/zero", folder_.path("zero.onnx"));
  EXPECT_THAT(problem_of(folder_.path("zero.onnx")), HasSubstr("is not a regular file"));
}

// As the cache of a hub keeps them: all names are links into one folder.
TEST_F(FilesOfModel, LinkedWeightsLieBesideTheLinkedModel) {
  folder_.write("blobs/1", model(initializer("m.onnx_data")));
  folder_.write("blobs/2", "1");
  fs::create_directories(folder_.path("snapshot"));
  const std::string path = folder_.path("snapshot/m.onnx");
  fs::create_symlink("../blobs/1", path);
  fs::create_symlink("../blobs/2", path + "_data");
  EXPECT_THAT(files_of_model(path, ""), ElementsAre(path, path + "_data"));
}

TEST_F(FilesOfModel, DamagedAndEndlessModelsAreRefused) {
  const std::string good = model(initializer("a"));
  for (std::size_t length = 3; length < good.size(); ++length) {
    EXPECT_THAT(problem_of(onnx(good.substr(0, length))), HasSubstr("can't be read as ONNX")) << length;
  }
  std::string empty_graphs;
  for (int i = 0; i < 11'000'000; ++i) empty_graphs.append("\x3a\0", 2);
  EXPECT_THAT(problem_of(onnx(empty_graphs)), HasSubstr("more parts"));
  EXPECT_THAT(problem_of(onnx(field(1, "a program of Paddle"))), HasSubstr("holds no graph"));
  std::string nested;
  for (int level = 0; level < 60; ++level) nested = attribute(6, nested);
  EXPECT_THAT(problem_of(onnx(model(nested))), HasSubstr("100 deep"));
  EXPECT_THAT(problem_of(onnx(model(initializer(std::string(5000, 'x'))))), HasSubstr("a text of 5000 bytes"));
}

TEST_F(FilesOfModel, AllThatIsWrongWithThemIsTold) {
  const std::string path = onnx(model(initializer("w.data") + initializer("../x") + initializer("page.data")));
  folder_.write("model/page.data", "<!DOCTYPE html>");
  EXPECT_THAT(weights_problems(path), ElementsAre(HasSubstr("but " + folder_.path("model/w.data") + " does not exist"),
                                                  HasSubstr("without `..`"), HasSubstr("page.data: is a web page")));
  const std::string whole = onnx(model(initializer("w.data")));
  EXPECT_THAT(files_of_model(whole, ""), ElementsAre(whole));
  weights("w.data");
  EXPECT_THAT(weights_problems(whole), IsEmpty());
}

TEST_F(FilesOfModel, TensorsThatTheirFileIsTooShortForAreTold) {
  folder_.write("model/w.data", std::string(36, '\0'));
  const auto problems_of = [this](const std::string& offset, const std::string& length) {
    const auto entry = [](const std::string& key, const std::string& value) {
      return value.empty() ? "" : field(13, field(1, key) + field(2, value));
    };
    return weights_problems(
        onnx(model(field(5, entry("length", length) + entry("location", "w.data") + entry("offset", offset)))));
  };
  for (const auto& [offset, length] : {std::pair("0", "36"), {"36", ""}, {"", "0"}, {"", ""}, {"4", "32"}}) {
    EXPECT_THAT(problems_of(offset, length), IsEmpty()) << offset << ' ' << length;
  }
  for (const auto& [offset, length] : {std::pair("4", "36"),
                                       {"37", ""},
                                       {"", "18446744073709551615"},
                                       {"18446744073709551612", "40"},
                                       {"1099511627776", ""}}) {
    EXPECT_THAT(problems_of(offset, length), ElementsAre(HasSubstr("w.data: has 36 bytes, but a tensor has")));
  }
  for (const char* wrong : {"-4", "abc", "1e3", " 4", "99999999999999999999"}) {
    EXPECT_THAT(problems_of(wrong, ""), ElementsAre(HasSubstr("expected a number")));
    EXPECT_THAT(problems_of("", wrong), ElementsAre(HasSubstr("expected a number")));
  }
}

TEST_F(FilesOfModel, EndingsInCapitalsBelongTogether) {
  const std::string path = folder_.write("model/X.XML", "<net/>");
  folder_.write("model/X.BIN", "1");
  EXPECT_THAT(files_of_model(path, ""), ElementsAre(path, folder_.path("model/X.BIN")));
}

}  // namespace
}  // namespace ppinfer
