// Programs written out as text: what the PIR reader of engine openvino takes, and what it refuses. What its operations
// compute is tested against Paddle, in tests/python/test_pir_operations.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/batch_tensor.h"
#include "engine/registry.h"
#include "ppinfer/error.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string tensor(int id, const std::string& sides, const std::string& type = "f32") {
  return R"({"%":)" + std::to_string(id) + R"(,"TT":{"#":"0.t_dtensor","D":[{"#":"0.t_)" + type + R"("},[)" + sides +
         R"(],"NCHW",[],0]}})";
}

std::string attribute(const std::string& name, const std::string& kind, const std::string& value) {
  return R"({"AT":{"#":"0.a_)" + kind + R"(","D":)" + value + R"(},"N":")" + name + R"("})";
}

std::string operation(const std::string& name, const std::string& attributes, const std::vector<int>& inputs,
                      const std::string& results, const std::string& more = "") {
  std::string list;
  for (const int input : inputs) list += (list.empty() ? R"({"%":)" : R"(,{"%":)") + std::to_string(input) + "}";
  return R"({"#":")" + name + R"(","A":[)" + attributes + R"(],"I":[)" + list + R"(],"O":[)" + results + "]" + more +
         "}";
}

std::string parameter(const std::string& name, int id, const std::string& sides) {
  return R"({"#":"p","A":[0,1,1,")" + name + R"("],"O":)" + tensor(id, sides) + "}";
}

std::string program(const std::vector<std::string>& operations) {
  std::string list;
  for (const std::string& one : operations) list += (list.empty() ? "" : ",") + one;
  return R"({"base_code":{"magic":"pir","trainable":true,"version":4},"program":{"regions":[{"#":"region_0","blocks":[)"
         R"({"#":"block_0","args":[],"ops":[)" +
         list + "]}]}]}}";
}

const std::string kInput = operation("1.data", attribute("name", "str", "\"x\""), {}, tensor(3, "-1,3,2,2"));
const std::string kFlatten =
    operation("1.flatten", attribute("start_axis", "i32", "1") + "," + attribute("stop_axis", "i32", "3"), {3},
              tensor(4, "-1,12"));
const std::string kMatmulAttributes = attribute("transpose_x", "bool", "false") + "," +
                                      attribute("transpose_y", "bool", "false") + "," +
                                      attribute("struct_name", "str", "\"/Net/Linear_0/\"");
const std::string kMatmul = operation("1.matmul", kMatmulAttributes, {4, 1}, tensor(5, "-1,2"));
const std::string kAdd = operation("1.add", "", {5, 2}, tensor(6, "-1,2"));

std::string fetch(int value, int id = 99) {
  return operation("1.fetch", attribute("name", "str", "\"fetch_name_0\"") + "," + attribute("col", "i32", "0"),
                   {value}, tensor(id, "-1,2"));
}

// x, flattened, times w [12, 2], plus b [2].
std::vector<std::string> linear_net() {
  return {parameter("b", 2, "2"), parameter("w", 1, "12,2"), kInput, kFlatten, kMatmul, kAdd, fetch(6)};
}

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::string stored(const std::vector<int>& dims, const std::vector<float>& values, char type = 5) {
  std::string desc{'\x08', type};
  for (const int side : dims) desc += {'\x10', static_cast<char>(side)};
  std::string bytes;
  append(bytes, std::uint32_t{0});
  append(bytes, std::uint64_t{0});
  append(bytes, std::uint32_t{0});
  append(bytes, static_cast<std::int32_t>(desc.size()));
  bytes += desc;
  for (const float value : values) append(bytes, value);
  return bytes;
}

// In the order of the names: b = {1, 10}, then w, whose columns sum everything up, and the first three values.
std::string linear_weights(float first = 1) {
  std::vector<float> w(24, 0);
  for (std::size_t row = 0; row < 12; ++row) {
    w[2 * row] = 1;
    w[2 * row + 1] = row < 3 ? 1 : 0;
  }
  w[0] = first;
  return stored({2}, {1, 10}) + stored({12, 2}, w);
}

class PirReader : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine_installed(EngineKind::kOpenVino)) GTEST_SKIP() << "this build lacks the engine";
  }

  EngineOptions options(const std::string& json, const std::string& weights = linear_weights()) const {
    EngineOptions options;
    options.model_path = folder_.write("inference.json", json);
    options.params_path = folder_.write("inference.pdiparams", weights);
    options.format = ModelFormat::kPaddlePir;
    options.input_px = {2, 2};
    return options;
  }

  static std::vector<float> scores(const EngineOptions& options) {
    BatchTensor images(1, options.input_px);
    for (std::size_t i = 0; i < images.slot_values(); ++i) images.values()[i] = static_cast<float>(i);
    const std::unique_ptr<Engine> engine = load_engine(EngineKind::kOpenVino, options);
    const std::unique_ptr<EngineInstance> instance = engine->create_instance();
    const Span<const float> row = instance->run(images, 1);
    return {row.begin(), row.end()};
  }

  // "": it loads. Anything but a ModelError fails the test.
  static std::string problem(const EngineOptions& options) {
    try {
      load_engine(EngineKind::kOpenVino, options);
    } catch (const ModelError& error) {
      return error.what();
    }
    return "";
  }
  std::string problem(const std::vector<std::string>& operations) const {
    return problem(options(program(operations)));
  }

  const TemporaryFolder folder_;
};

TEST_F(PirReader, AProgramIsComputedWithItsWeights) {
  EXPECT_THAT(scores(options(program(linear_net()))), testing::ElementsAre(66 + 1, 0 + 1 + 2 + 10));
}

TEST_F(PirReader, TensorsAreChosenByTheNamesThatTheFileHas) {
  EngineOptions chosen = options(program(linear_net()));
  chosen.output_tensor = "?";
  EXPECT_THAT(problem(chosen), HasSubstr("flatten.4, Net/Linear_0/matmul.5, "));
  EXPECT_THAT(problem(chosen), AllOf(HasSubstr("add.6"), HasSubstr("fetch_name_0")));
  chosen.output_tensor = "Net/Linear_0/matmul.5";
  EXPECT_THAT(scores(chosen), testing::ElementsAre(66, 3));
}

TEST_F(PirReader, AllUnknownOperationsAreNamed) {
  std::vector<std::string> net = linear_net();
  net.insert(net.end() - 1,
             {operation("1.lstm", "", {6}, tensor(7, "-1,2", "c64")), operation("1.foo", "", {7}, "null")});
  const std::string message = problem(net);
  EXPECT_THAT(message, AllOf(HasSubstr("can't read 2 operations"), HasSubstr(": foo, lstm; set `engine paddle`")));
  EXPECT_THAT(message, HasSubstr("inference.json"));
}

TEST_F(PirReader, UnknownOperationsAreTheErrorThatEngineAutoKnows) {
  std::vector<std::string> net = linear_net();
  net.insert(net.end() - 1, operation("1.lstm", "", {6}, tensor(7, "-1,2")));
  EXPECT_THROW(load_engine(EngineKind::kOpenVino, options(program(net))), UnsupportedOperation);
  EXPECT_THROW(
      {
        try {
          load_engine(EngineKind::kOpenVino, options("{}"));
        } catch (const UnsupportedOperation&) {  // Paddle would be given a damaged model
        }
      },
      ModelError);
}

TEST_F(PirReader, MoreThanOneBlockIsRefused) {
  std::vector<std::string> net = linear_net();
  net.insert(net.end() - 1, operation("1.relu", "", {6}, tensor(7, "-1,2"), R"(,"regions":[])"));
  EXPECT_THAT(problem(net), AllOf(HasSubstr("relu"), HasSubstr("engine paddle")));
}

TEST_F(PirReader, JsonOfOtherKindsIsNamed) {
  for (const char* json :
       {"{}", "[]", "3", "\"pir\"", R"({"base_code":[]})", R"({"nodes":[],"arg_nodes":[],"heads":[]})",
        R"({"base_code":{"magic":"other","version":1}})"}) {
    EXPECT_THAT(problem(options(json)), AllOf(HasSubstr("inference.json: "), HasSubstr("PIR"))) << json;
  }
  EXPECT_THAT(problem(options("hello")), HasSubstr("not JSON"));
  EXPECT_THAT(problem(options(std::string(200'000, '['))), HasSubstr("nested"));
  EXPECT_THAT(problem(options(R"({"base_code":{"magic":"pir","version":9}})")), HasSubstr("PIR version 9"));
  EXPECT_THAT(problem(options(R"({"base_code":{"magic":"pir","version":4}})")), HasSubstr("\"program\" is missing"));
}

TEST_F(PirReader, WeightsMustBeTheProgramsOwn) {
  const std::string json = program(linear_net());
  const std::string good = linear_weights();
  const auto of = [&](const std::string& weights) { return problem(options(json, weights)); };
  EXPECT_THAT(of(stored({2}, {1, 10})), HasSubstr("holds 1 tensor, the program names 2"));
  EXPECT_THAT(of(good + stored({1}, {1})), HasSubstr("holds 3 tensors, the program names 2"));
  EXPECT_THAT(of(good + "more"), HasSubstr("damaged"));
  const std::vector<float> w(24, 1);
  EXPECT_THAT(of(stored({12, 2}, w) + stored({2}, {1, 10})),
              AllOf(HasSubstr("f32 [12, 2]"), HasSubstr("b is f32 [2]")));
  EXPECT_THAT(of(stored({2}, {1, 10}) + stored({2, 12}, w)), HasSubstr("[2, 12]"));
  EXPECT_THAT(of(stored({2}, {1, 10}, 2) + stored({12, 2}, w)), HasSubstr("i32 [2]"));
  EXPECT_THAT(of(stored({2}, {1, 10}, 99) + stored({12, 2}, w)), Not(testing::IsEmpty()));
}

TEST_F(PirReader, AnotherShapeOrTypeThanPaddlesIsAMisreading) {
  for (const auto& [result, shown] :
       {std::pair(tensor(5, "-1,7"), "[?,2]"), {tensor(5, "-1,2,1"), "[?,2]"}, {tensor(5, "-1,2", "i64"), "f32"}}) {
    std::vector<std::string> net = linear_net();
    net[4] = operation("1.matmul", kMatmulAttributes, {4, 1}, result);
    EXPECT_THAT(problem(net), AllOf(HasSubstr("matmul (%5): OpenVINO infers"), HasSubstr(shown))) << result;
  }
}

TEST_F(PirReader, StatisticsOfTheBatchAreRefused) {
  const auto of = [&](const std::string& is_test, const std::string& trainable, const std::string& global) {
    const std::string attributes =
        attribute("is_test", "bool", is_test) + "," + attribute("trainable_statistics", "bool", trainable) + "," +
        attribute("use_global_stats", "bool", global) + "," + attribute("epsilon", "f32", "1e-5");
    std::vector<std::string> net = linear_net();
    net.insert(net.end() - 1, operation("1.batch_norm_", attributes, {6, 2, 2, 2, 2}, tensor(7, "-1,2")));
    return problem(net);
  };
  for (const char* trainable : {"false", "true"}) {
    EXPECT_THAT(of("false", trainable, "false"), AllOf(HasSubstr("training mode"), HasSubstr("eval()")));
  }
  EXPECT_THAT(of("true", "true", "false"), HasSubstr("use_global_stats=False"));
  for (const char* is_test : {"false", "true"}) EXPECT_EQ(of(is_test, "true", "true"), "");
  EXPECT_EQ(of("true", "false", "false"), "");
}

// Its value may change what Paddle computes.
TEST_F(PirReader, AnAttributeThatIsNotReadIsRefusedByName) {
  const auto of_add = [](const std::string& attributes) {
    std::vector<std::string> net = linear_net();
    net[5] = operation("1.add", attributes, {5, 2}, tensor(6, "-1,2"));
    return net;
  };
  const std::pair<std::string, const char*> odd[] = {
      {attribute("axis", "i64", "1234567890"), "attribute axis = 1234567890;"},
      {attribute("scale", "f32", "0.5"), "attribute scale = 0.5;"},
      {attribute("rounding", "str", "\"up\""), "attribute rounding = \"up\";"},
      {attribute("sides", "array", R"([{"#":"0.a_i32","D":3},{"#":"0.a_i32","D":-1}])"), "attribute sides = [3, -1];"},
      {attribute("future", "complex", "[1,2]"), "attribute future;"},
      {attribute("dtype", "dtype", "\"float64\""), "attribute dtype = \"float64\";"},
      {attribute("a", "bool", "true") + "," + attribute("b", "bool", "false"), "attribute a = 1, attribute b = 0;"}};
  for (const auto& [attributes, shown] : odd) {
    const std::string message = problem(of_add(attributes));
    EXPECT_THAT(message, HasSubstr(std::string("operation add: engine openvino can't read it with ") + shown));
    EXPECT_THAT(message, HasSubstr("set `engine paddle`"));
    EXPECT_THROW(load_engine(EngineKind::kOpenVino, options(program(of_add(attributes)))), UnsupportedOperation);
  }
  const std::string harmless = attribute("stop_gradient", "bool", "true") + "," +
                               attribute("place", "place", "[0,0,\"\"]") + "," +
                               attribute("dtype", "dtype", "\"float32\"");
  EXPECT_EQ(problem(of_add(harmless)), "");
}

TEST_F(PirReader, AWordThatIsNotKnownIsRefused) {
  const auto of_pool = [&](const std::string& key, const std::string& word) {
    std::string attributes = attribute("kernel_size", "array", R"([{"#":"0.a_i32","D":1},{"#":"0.a_i32","D":1}])") +
                             "," + attribute("strides", "array", R"([{"#":"0.a_i32","D":1},{"#":"0.a_i32","D":1}])") +
                             "," + attribute("paddings", "array", R"([{"#":"0.a_i32","D":0},{"#":"0.a_i32","D":0}])");
    if (!key.empty()) attributes += "," + attribute(key, "str", "\"" + word + "\"");
    std::vector<std::string> net = linear_net();
    net.insert(net.end() - 1, operation("1.pool2d", attributes, {3}, tensor(7, "-1,3,2,2")));
    return problem(net);
  };
  EXPECT_EQ(of_pool("", ""), "");
  for (const char* key : {"data_format", "padding_algorithm", "pooling_type"}) {
    EXPECT_THAT(of_pool(key, "odd"), HasSubstr(std::string("pool2d: engine openvino can't read it with ") + key +
                                               " \"odd\"; set `engine paddle`"));
  }
}

TEST_F(PirReader, TwoCacheEntriesForTwoWeights) {
  EngineOptions cached = options(program(linear_net()));
  cached.cache_dir = folder_.path("cache");
  EXPECT_EQ(scores(cached)[0], 67);
  EXPECT_EQ(scores(cached)[0], 67);
  options(program(linear_net()), linear_weights(3));
  EXPECT_EQ(scores(cached)[0], 67);  // its first value is an image's 0
  std::string changed = linear_weights();
  changed[changed.size() - 6] ^= 0x01;  // of the last row's first weight
  options(program(linear_net()), changed);
  EXPECT_NE(scores(cached)[0], 67);
  std::size_t entries = 0;
  for (const auto& file : std::filesystem::directory_iterator(cached.cache_dir))
    entries += file.path().extension() == ".blob";
  EXPECT_EQ(entries, 3u);
}

TEST_F(PirReader, AMalformedPartIsAModelError) {
  const std::string json = program(linear_net());
  const std::vector<std::pair<std::string, std::string>> changes = {
      {R"("%":4)", R"("%":-4)"},
      {R"("%":4)", R"("%":3)"},
      {R"("%":4)", R"("%":"4")"},
      {R"("%":4)", R"("%":1e30)"},
      {R"("%":4)", R"("%":18446744073709551615)"},
      {R"([-1,12])", R"([-1,9223372036854775807])"},
      {R"([-1,12])", R"([-9223372036854775808,12])"},
      {R"([-1,12])", R"({})"},
      {R"([-1,12])", R"([1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,12])"},
      {R"([-1,3,2,2])", R"([-1,2147483647,2147483647,2147483647])"},
      {R"([12,2])", R"([-1,2])"},
      {R"([12,2])", R"([2147483647,2147483647])"},
      {R"("start_axis")", R"("begin_axis")"},
      {R"("D":3})", R"("D":9})"},
      {R"("D":3})", R"("D":-9223372036854775808})"},
      {R"("D":3})", R"("D":[]})"},
      {R"("D":3})", R"("D":"three"})"},
      {R"("I":[{"%":4},{"%":1}])", R"("I":[{"%":4}])"},
      {R"("I":[{"%":4},{"%":1}])", R"("I":[{"%":4},{"%":77}])"},
      {R"("I":[{"%":4},{"%":1}])", R"("I":[{"%":4},{"%":0}])"},
      {R"("I":[{"%":4},{"%":1}])", R"("I":3)"},
      {R"("#":"1.fetch")", R"("#":"1.relu")"},
      {R"("#":"1.flatten")", R"("#":7)"},
      {R"("#":"1.flatten")", R"("#":"")"},
      {R"("#":"1.flatten")", R"("#":"0.combine")"},
      {R"("0.t_dtensor")", R"("0.t_vec")"},
      {R"("0.t_f32")", R"("0.t_f8")"},
      {R"([0,1,1,"w"])", R"([0,1,1])"},
      {R"([0,1,1,"w"])", R"([0,1,1,"b"])"},
      {R"("ops":)", R"("op":)"},
      {R"("col")", R"("column")"},
  };
  for (const auto& [from, to] : changes) {
    std::string changed = json;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    const std::string message = problem(options(changed));
    EXPECT_THAT(message, HasSubstr("inference.")) << from << " -> " << to;
    EXPECT_THAT(message, Not(HasSubstr("\n")));
  }
}

// Nothing but ModelError comes of files that were cut or changed.
TEST_F(PirReader, NoCutAndNoChangedByteEndsTheProcess) {
  const std::string json = program(linear_net());
  const std::string weights = linear_weights();
  for (std::size_t left = 0; left < json.size(); left += 7)
    EXPECT_NE(problem(options(json.substr(0, left))), "") << left;
  for (std::size_t left = 0; left < weights.size(); ++left) {
    EXPECT_NE(problem(options(json, weights.substr(0, left))), "") << left;
  }
  std::mt19937 random(20);  // NOLINT(bugprone-random-generator-seed): the same mutations each time
  for (int round = 0; round < 500; ++round) {
    std::string changed_json = json, changed_weights = weights;
    std::string& changed = round % 5 == 0 ? changed_weights : changed_json;
    const std::size_t at = random() % changed.size();
    if (round % 3 == 0) {
      changed.erase(at, 1 + random() % 8);
    } else if (round % 3 == 1) {
      changed[at] = static_cast<char>(random() % 256);
    } else {
      static constexpr char kDigits[] = "-0123456789,[]{}";
      changed[at] = kDigits[random() % (sizeof(kDigits) - 1)];
    }
    problem(options(changed_json, changed_weights));
  }
}

}  // namespace
}  // namespace ppinfer
