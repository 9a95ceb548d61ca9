#include "ppinfer/record_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <limits>
#include <thread>

#include "core/utf8.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::HasSubstr;

Result answer(std::string path, std::vector<std::string> labels = {"tiger cat", "dog"}) {
  Result result;
  result.path = std::move(path);
  result.class_ids = {282, 7};
  result.scores = {0.39F, 1e-5F};
  result.label_names = std::move(labels);
  return result;
}

Result failure(std::string path, std::string message) {
  Result result;
  result.path = std::move(path);
  result.error = ImageError{Stage::kDecode, std::move(message)};
  return result;
}

std::string text(const Result& result) { return format_record(result, RecordFormat::kText); }
std::string jsonl(const Result& result) { return format_record(result, RecordFormat::kJsonl); }
std::string csv(const Result& result) { return format_record(result, RecordFormat::kCsv); }

std::string jsonl_path(const std::string& path) {
  const std::string record = jsonl(answer(path));
  const std::size_t start = std::string("{\"path\": ").size();
  return record.substr(start, record.find(", \"status\"") - start);
}

TEST(TextRecord, OneLineForPeople) {
  EXPECT_EQ(text(answer("a b.jpg")), "a b.jpg\t282 tiger cat 0.39000, 7 dog 0.00001\n");
  EXPECT_EQ(text(answer("a.jpg", {})), "a.jpg\t282 0.39000, 7 0.00001\n");
  EXPECT_EQ(text(failure("a.jpg", "it is\ncut")), "a.jpg\terror in decode: it is cut\n");
  EXPECT_EQ(text(answer("")), "\t282 tiger cat 0.39000, 7 dog 0.00001\n");
}

TEST(TextRecord, ControlCharactersAreSpelledOut) {
  EXPECT_EQ(text(failure("\x1b[2J\a\\n\n\t\r\x7f", "x")), "\\x1b[2J\\x07\\\\n\\n\\t\\r\\x7f\terror in decode: x\n");
  EXPECT_EQ(text(failure("\xC2\x9B"
                         "1m\xC2\xA0\xFF\xC2",
                         "x")),
            "\\xc2\\x9b1m\xC2\xA0\\xff\\xc2\terror in decode: x\n");
  // Right-to-left override, isolate, line separator, a bare C1 byte; letters of other scripts stay.
  EXPECT_EQ(text(failure("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\xA8\x9B\xE7\x8C\xAB\xF0\x9F\x90\xB1", "x")),
            "\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xe2\\x80\\xa8\\x9b\xE7\x8C\xAB\xF0\x9F\x90\xB1\terror in decode: x\n");
}

TEST(TextRecord, WhatAMessageSpellsOutIsNotSpelledOutAgain) {
  EXPECT_EQ(text(failure("a\\b", "begins with \"a\\x0ab\"")), "a\\\\b\terror in decode: begins with \"a\\x0ab\"\n");
}

TEST(JsonlRecord, AnswerAndError) {
  EXPECT_EQ(jsonl(answer("a.jpg")),
            "{\"path\": \"a.jpg\", \"status\": \"ok\", \"class_ids\": [282, 7], \"scores\": [0.39, 1e-05], "
            "\"label_names\": [\"tiger cat\", \"dog\"]}\n");
  EXPECT_EQ(jsonl(failure("", "say \"no\"")),
            "{\"path\": null, \"status\": \"error\", \"error\": {\"stage\": \"decode\", \"message\": \"say "
            "\\\"no\\\"\"}}\n");
  EXPECT_THAT(jsonl(answer("a", {})), HasSubstr("\"label_names\": []}"));
}

TEST(JsonlRecord, EscapesWhatRfc8259Asks) {
  EXPECT_EQ(jsonl_path("a\"b\\c\n\r\t\x01\x1f\x7f/"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\x7f/\"");
  EXPECT_EQ(jsonl_path("\xE5\x9B\xBE\xF0\x9F\x98\x80"), "\"\xE5\x9B\xBE\xF0\x9F\x98\x80\"");
}

TEST(JsonlRecord, BytesThatAreNotUtf8BecomeLoneSurrogates) {
  EXPECT_EQ(jsonl_path("a\xFF"), "\"a\\udcff\"");
  EXPECT_EQ(jsonl_path("\xC0\xAF"), "\"\\udcc0\\udcaf\"");                        // overlong '/'
  EXPECT_EQ(jsonl_path("\xE0\x80\xAF"), "\"\\udce0\\udc80\\udcaf\"");             // overlong '/'
  EXPECT_EQ(jsonl_path("\xED\xA0\x80"), "\"\\udced\\udca0\\udc80\"");             // a surrogate
  EXPECT_EQ(jsonl_path("\xF4\x90\x80\x80"), "\"\\udcf4\\udc90\\udc80\\udc80\"");  // beyond U+10FFFF
  EXPECT_EQ(jsonl_path("\xE2\x82"
                       "A"),
            "\"\\udce2\\udc82A\"");  // cut short
}

// Decoded by the definition, with nothing of the table that the code uses.
bool is_one_character(const std::string& bytes) {
  const auto at = [&bytes](std::size_t index) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[index]));
  };
  const std::size_t length = bytes.size();
  constexpr unsigned kLeadMark[] = {0, 0, 0xC0, 0xE0, 0xF0};
  constexpr unsigned kLeadMask[] = {0, 0x80, 0xE0, 0xF0, 0xF8};
  constexpr unsigned kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if ((at(0) & kLeadMask[length]) != kLeadMark[length]) return false;
  unsigned code_point = at(0) & ~kLeadMask[length];
  for (std::size_t index = 1; index < length; ++index) {
    if ((at(index) & 0xC0) != 0x80) return false;
    code_point = code_point << 6 | (at(index) & 0x3F);
  }
  return code_point >= kSmallest[length] && code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

TEST(Utf8, EveryTwoBytesAndTheEdgesOfLongerForms) {
  std::vector<std::string> inputs;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      inputs.push_back(pair);
      for (const char* tail : {"\x80", "\xBF", "\x7F", "\xC0", "\x80\x80", "\xBF\xBF", "\x80\x7F", "\xBF\xC0"}) {
        inputs.push_back(pair + tail);
      }
    }
  }
  for (const std::string& input : inputs) {
    std::size_t expected = 0;
    for (std::size_t length = input.size(); length >= 1; --length) {
      if (is_one_character(input.substr(0, length))) expected = length;
    }
    ASSERT_EQ(utf8_character_bytes(input), expected) << testing::PrintToString(input);
  }
}

TEST(Scores, ShortestThatReadsBackTheSame) {
  Result result;
  result.scores = {1.0F, 0.0F, 0.1F, 1.0F / 3.0F, 1e-45F, std::numeric_limits<float>::max(), -2.5F, 16777216.0F};
  result.class_ids.assign(result.scores.size(), 0);
  const std::string record = jsonl(result);
  EXPECT_THAT(record, HasSubstr("[1.0, 0.0, 0.1, 0.33333334, 1e-45, 3.4028235e+38, -2.5, 16777216.0]"));
  result.scores = {NAN};
  result.class_ids = {0};
  EXPECT_THAT(jsonl(result), HasSubstr("\"scores\": [null]"));
}

TEST(CsvRecord, AnswerAndError) {
  EXPECT_EQ(csv(answer("a.jpg")), "a.jpg,ok,282;7,0.39;1e-05,tiger cat;dog,,\n");
  EXPECT_EQ(csv(failure("a.jpg", "cut, \"really\"")), "a.jpg,error,,,,decode,\"cut, \"\"really\"\"\"\n");
}

TEST(CsvRecord, QuotesWhatRfc4180Asks) {
  EXPECT_EQ(csv(failure("a,b", "x")), "\"a,b\",error,,,,decode,x\n");
  EXPECT_EQ(csv(failure("a\nb\"", "x")), "\"a\nb\"\"\",error,,,,decode,x\n");
  EXPECT_EQ(csv(failure("a\rb", "x")), "\"a\rb\",error,,,,decode,x\n");
  EXPECT_EQ(csv(failure("\xFF;", "x")), "\xFF;,error,,,,decode,x\n");
}

TEST(SpreadsheetRecord, FormulasBecomeText) {
  const auto record = [](const Result& result) { return format_record(result, RecordFormat::kSpreadsheet); };
  EXPECT_EQ(record(failure("=1+1.jpg", "@x,\"y\"")), "'=1+1.jpg,error,,,,decode,\"'@x,\"\"y\"\"\"\n");
  EXPECT_EQ(record(failure("\tx", "-")), "'\tx,error,,,,decode,'-\n");
  EXPECT_EQ(record(answer("a=b.jpg", {"+a", "b"})), "a=b.jpg,ok,282;7,0.39;1e-05,'+a;b,,\n");
  EXPECT_EQ(csv(failure("=1+1.jpg", "x")), "=1+1.jpg,error,,,,decode,x\n");
}

TEST(CsvRecord, LabelsCanBeTakenApartAgain) {
  EXPECT_THAT(csv(answer("a", {"x;y", "z"})), HasSubstr(",x\\;y;z,"));
  EXPECT_THAT(csv(answer("a", {"ends with \\", "z"})), HasSubstr(",ends with \\\\;z,"));
  EXPECT_THAT(csv(answer("a", {"x, y", "z"})), HasSubstr(",\"x, y;z\","));
}

TEST(OtherOps, Attributes) {
  Result result;
  result.path = "a.jpg";
  result.attributes = {"Male", "Color: (red, prob: 0.5)"};
  result.attribute_flags = {1, 0};
  EXPECT_EQ(text(result), "a.jpg\tMale, Color: (red, prob: 0.5)\n");
  EXPECT_EQ(jsonl(result),
            "{\"path\": \"a.jpg\", \"status\": \"ok\", \"class_ids\": [], \"scores\": [], \"label_names\": [], "
            "\"attributes\": [\"Male\", \"Color: (red, prob: 0.5)\"], \"attribute_flags\": [1, 0]}\n");
  for (const PostprocessOp op : {PostprocessOp::kPersonAttribute, PostprocessOp::kVehicleAttribute}) {
    EXPECT_EQ(format_record(result, RecordFormat::kCsv, op), "a.jpg,ok,,,,,,\"Male;Color: (red, prob: 0.5)\",1;0\n");
    EXPECT_EQ(format_record(failure("a", "cut"), RecordFormat::kCsv, op), "a,error,,,,decode,cut,,\n");
  }
}

TEST(OtherOps, Embedding) {
  Result result;
  result.path = "a.jpg";
  result.embedding = {0.6F, -0.8F};
  EXPECT_EQ(text(result), "a.jpg\t0.60000, -0.80000\n");
  EXPECT_THAT(jsonl(result), HasSubstr(", \"label_names\": [], \"embedding\": [0.6, -0.8]}"));
  EXPECT_EQ(format_record(result, RecordFormat::kCsv, PostprocessOp::kEmbedding), "a.jpg,ok,,,,,,0.6;-0.8\n");
  EXPECT_EQ(format_record(failure("a", "cut"), RecordFormat::kCsv, PostprocessOp::kEmbedding),
            "a,error,,,,decode,cut,\n");
}

TEST(OtherOps, ScoresAloneAndNoClassAtAll) {
  Result result;
  result.path = "a.jpg";
  EXPECT_EQ(text(result), "a.jpg\t\n");
  result.scores = {0.5F, 0.25F};
  EXPECT_EQ(text(result), "a.jpg\t0.50000, 0.25000\n");
  EXPECT_EQ(csv(result), "a.jpg,ok,,0.5;0.25,,,\n");
}

TEST(RecordFormat, NamesAndOthers) {
  EXPECT_EQ(parse_record_format("text"), RecordFormat::kText);
  EXPECT_EQ(parse_record_format("jsonl"), RecordFormat::kJsonl);
  EXPECT_EQ(parse_record_format("csv"), RecordFormat::kCsv);
  try {
    parse_record_format("jsn");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "record format 'jsn': expected text, jsonl, csv or spreadsheet");
  }
}

template <class Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const RuntimeFailure& error) {
    return error.what();
  }
  return "";
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class RecordWriterTest : public testing::Test {
 protected:
  const std::string path_ =
      testing::TempDir() + "records_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(RecordWriterTest, WritesWhatFormatRecordSays) {
  std::ofstream(path_) << "of an earlier run";
  std::string expected = "path,status,class_ids,scores,label_names,error_stage,error_message\n";
  {
    RecordWriter writer(path_, RecordFormat::kCsv);
    EXPECT_EQ(read_all(path_), expected);
    for (int index = 0; index < 5000; ++index) {
      const Result result = index % 3 == 0 ? failure("bad.jpg", "empty") : answer(std::to_string(index));
      writer.write(result);
      expected += csv(result);
    }
    writer.finish();
    EXPECT_EQ(read_all(path_), expected);
    writer.finish();  // nothing is left to do
    EXPECT_THAT(failure_of([&] { writer.write(answer("late")); }), HasSubstr("closed"));
  }
  EXPECT_EQ(read_all(path_), expected);
}

TEST_F(RecordWriterTest, TheHeaderNamesTheColumnsOfTheOp) {
  const std::string seven = "path,status,class_ids,scores,label_names,error_stage,error_message";
  const auto header = [this](PostprocessOp op) {
    RecordWriter(path_, RecordFormat::kCsv, op).finish();
    return read_all(path_);
  };
  EXPECT_EQ(header(PostprocessOp::kMultilabel), seven + "\n");
  EXPECT_EQ(header(PostprocessOp::kPersonAttribute), seven + ",attributes,attribute_flags\n");
  EXPECT_EQ(header(PostprocessOp::kEmbedding), seven + ",embedding\n");
}

TEST_F(RecordWriterTest, DestructorWritesWhatIsLeft) {
  { RecordWriter(path_, RecordFormat::kText).write(answer("a")); }
  EXPECT_EQ(read_all(path_), text(answer("a")));
}

TEST_F(RecordWriterTest, OneWhoWaitsSeesRecordsWithinAboutASecond) {
  RecordWriter writer(path_, RecordFormat::kText);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  writer.write(answer("a"));
  EXPECT_EQ(read_all(path_), text(answer("a")));
  writer.write(answer("b"));
  EXPECT_EQ(read_all(path_), text(answer("a"))) << "every record costs a system call";
}

TEST_F(RecordWriterTest, PlacesThatCannotBeWritten) {
  const auto open = [](const std::string& path) {
    return failure_of([&path] { RecordWriter(path, RecordFormat::kText); });
  };
  EXPECT_THAT(open("no/such/out.jsonl"), HasSubstr("no/such/out.jsonl: its folder doesn't exist"));
  EXPECT_THAT(open(testing::TempDir()), HasSubstr("it is a folder"));
  EXPECT_THAT(open(""), HasSubstr("path is empty"));
  EXPECT_THAT(open("/dev/null/x"), HasSubstr("/dev/null/x: Not a directory"));
}

TEST_F(RecordWriterTest, FullDeviceIsAFailureWhereverItShows) {
  const auto full = HasSubstr("cannot write /dev/full: No space left on device");
  EXPECT_THAT(failure_of([] { RecordWriter("/dev/full", RecordFormat::kCsv); }), full);
  RecordWriter small("/dev/full", RecordFormat::kText);
  small.write(answer("a"));
  EXPECT_THAT(failure_of([&] { small.finish(); }), full);
  RecordWriter large("/dev/full", RecordFormat::kText);
  EXPECT_THAT(failure_of([&] {
                for (int index = 0; index < 10'000; ++index) large.write(answer("a"));
              }),
              full);
  EXPECT_THAT(failure_of([&] { large.write(answer("a")); }), HasSubstr("closed"));
}

TEST_F(RecordWriterTest, PipeWhoseReaderHasGone) {
  signal(SIGPIPE, SIG_IGN);  // a program's own business: the library leaves signals alone
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  RecordWriter writer(path_, RecordFormat::kJsonl);
  writer.write(answer("a"));
  close(reader);
  EXPECT_THAT(failure_of([&] { writer.finish(); }), HasSubstr("the reader has closed the pipe"));
  unlink(path_.c_str());
}

TEST_F(RecordWriterTest, SlowReaderOfAFullPipeGetsEverything) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    received = read_all(path_);
  });
  std::string expected;
  {
    RecordWriter writer(path_, RecordFormat::kJsonl);
    for (int index = 0; index < 20'000; ++index) {  // far more than a pipe holds
      writer.write(answer(std::to_string(index)));
      expected += jsonl(answer(std::to_string(index)));
    }
    writer.finish();
  }
  reader.join();
  EXPECT_TRUE(received == expected) << received.size() << " bytes of " << expected.size();
  unlink(path_.c_str());
}

TEST_F(RecordWriterTest, NonBlockingStandardOutputIsWaitedFor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  std::size_t received = 0;
  std::thread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    char block[4096];
    for (ssize_t got = 0; (got = read(ends[0], block, sizeof block)) > 0;) received += static_cast<std::size_t>(got);
  });
  std::size_t expected = 0;
  const std::string problem = failure_of([&] {
    RecordWriter writer("-", RecordFormat::kText);
    for (int index = 0; index < 10'000; ++index) {
      writer.write(answer("a"));
      expected += text(answer("a")).size();
    }
    writer.finish();
  });
  dup2(saved, STDOUT_FILENO);  // closes the pipe's last writing end: the reader ends
  close(saved);
  reader.join();
  close(ends[0]);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(received, expected);
}

}  // namespace
}  // namespace ppinfer
