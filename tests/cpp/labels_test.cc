#include "config/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class LabelsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_labels(path_);
  }

  // The problems without the path that each begins with, and without the line on what is read, unless `all`.
  std::vector<std::string> problems_of(const std::string& text, bool all = false) {
    try {
      read(text);
    } catch (const ConfigError& error) {
      std::vector<std::string> problems;
      for (const std::string& problem : error.problems()) {
        EXPECT_EQ(problem.compare(0, path_.size(), path_), 0) << problem;
        problems.push_back(problem.substr(path_.size()));
      }
      if (!all && problems.back().find(": label files have") == 0) problems.pop_back();
      return problems;
    }
    return {};
  }

  const std::string path_ =
      testing::TempDir() + "labels_" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".txt";
};

TEST_F(LabelsTest, IdsBeforeNamesInAnyOrder) {
  EXPECT_THAT(read("0 tench, Tinca tinca\n1 goldfish\n"), ElementsAre("tench, Tinca tinca", "goldfish"));
  EXPECT_THAT(read("2\tc\n0  a \n1 b"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(read("000 a\n001 b\n"), ElementsAre("a", "b"));
  EXPECT_THAT(read("0 a\n\n1 b\n"), ElementsAre("a", "b"));
}

TEST_F(LabelsTest, NamesAlone) {
  EXPECT_THAT(read("cat\n  dog \nguinea pig"), ElementsAre("cat", "dog", "guinea pig"));
  EXPECT_THAT(read("1 euro\nhouse\ncar\n"), ElementsAre("1 euro", "house", "car"));
  EXPECT_THAT(read("3D printer\n4x4\n"), ElementsAre("3D printer", "4x4"));
}

TEST_F(LabelsTest, ADelimiterOfOnesOwn) {
  std::ofstream(path_, std::ios::binary) << "1,dog, big\r\n0,cat\n2,3\n";
  EXPECT_THAT(read_labels(path_, ","), ElementsAre("cat", "dog, big", "3"));
  std::ofstream(path_, std::ios::binary) << "0\tcat\n1\tdog\n";
  EXPECT_THAT(read_labels(path_, "\t"), ElementsAre("cat", "dog"));
  std::ofstream(path_, std::ios::binary) << "0::a:b\n7 ::x\n";
  try {
    read_labels(path_, "::");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.problems(),
                ElementsAre(path_ + ":2: expected a class id, \"::\" and a name", path_ + ": no line for class id 1"));
  }
}

TEST_F(LabelsTest, DigitsAloneAreNames) { EXPECT_THAT(read("7\n8\n9\n"), ElementsAre("7", "8", "9")); }

TEST_F(LabelsTest, ByteOrderMarkCrlfAndEmptyLinesAtTheEnd) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "0 a\r\n1 b\r\n\r\n \n"),
              ElementsAre("a", "b"));
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a\r\nb\r\n\r\n"),
              ElementsAre("a", "b"));
}

// Each of these files names class 2 RED and class 10 GREEN, in a form that can be told from what it holds.
struct Form {
  const char* name;
  std::string (*line)(int id, const std::string& name);
  const char* before = "";
  const char* behind = "";
};

std::string with_comma(const std::string& line, int id) { return line + (id == 9 ? "" : ","); }  // 9 is the last

const Form kForms[] = {
    {"colon", [](int id, const std::string& name) { return std::to_string(id) + ": " + name; }},
    {"comma", [](int id, const std::string& name) { return std::to_string(id) + "," + name; }},
    {"semicolon", [](int id, const std::string& name) { return std::to_string(id) + " ; " + name; }},
    {"tab", [](int id, const std::string& name) { return std::to_string(id) + "\t" + name; }},
    {"arrow", [](int id, const std::string& name) { return std::to_string(id) + " -> " + name; }},
    {"numbered", [](int id, const std::string& name) { return std::to_string(id) + ". " + name; }},
    {"dash", [](int id, const std::string& name) { return std::to_string(id) + " - " + name; }},
    {"name_comma", [](int id, const std::string& name) { return name + "," + std::to_string(id); }},
    {"name_blank", [](int id, const std::string& name) { return name + " " + std::to_string(id); }},
    {"name_tab", [](int id, const std::string& name) { return name + "\t" + std::to_string(id); }},
    {"name_colon", [](int id, const std::string& name) { return name + ": " + std::to_string(id); }},
    {"quoted", [](int id, const std::string& name) { return "\"" + std::to_string(id) + "\",\"" + name + "\""; }},
    {"header", [](int id, const std::string& name) { return std::to_string(id) + "," + name; }, "id,name\n"},
    {"pandas", [](int id, const std::string& name) { return std::to_string(id) + "," + name; }, ",label\n"},
    {"label_is_id", [](int id, const std::string& name) { return std::to_string(id) + "," + name; }, "label,name\n"},
    {"name_header", [](int id, const std::string& name) { return name + ";" + std::to_string(id); }, "class;index\n"},
    {"columns",
     [](int id, const std::string& name) { return "7,\"" + name + "\"," + std::to_string(id) + ",\"a, b\""; },
     "count,class_name,class_id,description\n"},
    {"synset", [](int id, const std::string& name) { return std::to_string(id) + ",n01440764," + name; }},
    {"json",
     [](int id, const std::string& name) { return with_comma("\"" + std::to_string(id) + "\":\"" + name + "\"", id); },
     "{", "}"},
    {"json_synset",
     [](int id, const std::string& name) {
       return with_comma("\"" + std::to_string(id) + "\": [\"n01440764\", \"" + name + "\"]", id);
     },
     "{", "}"},
    {"id2label",
     [](int id, const std::string& name) { return with_comma("\"" + std::to_string(id) + "\": \"" + name + "\"", id); },
     "{\n\t\"model_type\": \"vit\", \"id2label\": {\n", "}}"},
    {"class_to_idx",
     [](int id, const std::string& name) { return with_comma("\"" + name + "\": " + std::to_string(id), id); }, "{",
     "}"},
    {"objects",
     [](int id, const std::string& name) {
       return with_comma("{\"id\": " + std::to_string(id) + ", \"name\": \"" + name + "\"}", id);
     },
     "[", "]"},
    {"pairs",
     [](int id, const std::string& name) { return with_comma("[" + std::to_string(id) + ", \"" + name + "\"]", id); },
     "[", "]"},
    {"wide_colon", [](int id, const std::string& name) { return std::to_string(id) + "\xEF\xBC\x9A" + name; }},
    {"no_break_blank", [](int id, const std::string& name) { return std::to_string(id) + "\xC2\xA0" + name; }},
    {"single_quotes", [](int id, const std::string& name) { return "'" + std::to_string(id) + "' '" + name + "'"; }},
    {"id_single_quotes", [](int id, const std::string& name) { return std::to_string(id) + ": '" + name + "'"; }},
    {"wnid_header",
     [](int id, const std::string& name) { return "n01440764," + std::to_string(id) + ",\"" + name + "\""; },
     "wnid,class_id,words\n"},
    {"inner_yaml", [](int id, const std::string& name) { return "    " + std::to_string(id) + ": \"" + name + "\""; },
     "path: ../data\nmodel:\n  names: # of the classes\n", "nc: 11\n"},
    {"json_lines",
     [](int id, const std::string& name) {
       return "{\"name\": \"" + name + "\", \"id\": " + std::to_string(id) + "}";
     }},
    {"python", [](int id, const std::string& name) { return std::to_string(id) + ": '" + name + "',"; }, "{", "}"},
    {"python_lines", [](int id, const std::string& name) { return std::to_string(id) + ": '" + name + "',"; }},
    {"class_to_idx_lines",
     [](int id, const std::string& name) { return "'" + name + "': " + std::to_string(id) + ","; }},
    {"yaml", [](int id, const std::string& name) { return "  " + std::to_string(id) + ": " + name; }, "names:\n"},
};

TEST_F(LabelsTest, IdsAndNamesInEveryFormAndInAnyOrder) {
  const std::vector<std::string> names = {"a b", "c, d", "RED", "it's", "e", "f: g", "h 7", "i", "BLUE", "j", "GREEN"};
  for (const Form& form : kForms) {
    const bool plain = std::string(form.name).rfind("python", 0) == 0 || std::string(form.name) == "yaml" ||
                       std::string(form.name) == "class_to_idx_lines";
    std::vector<std::string> expected = names;
    if (plain) expected[3] = "its", expected[5] = "f g";
    std::string text = form.before;
    for (const int id : {0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9}) {
      text += form.line(id, expected[static_cast<std::size_t>(id)]) + "\n";
    }
    SCOPED_TRACE(form.name);
    EXPECT_EQ(read(text + form.behind), expected);
  }
}

TEST_F(LabelsTest, NamesAloneInOtherForms) {
  const auto three = ElementsAre("a, b", "c", "\xE7\xBA\xA2");
  EXPECT_THAT(read("[\"a, b\", \"c\", \"\\u7ea2\"]"), three);
  EXPECT_THAT(read("[\"a, b\",\n\"c\",\n\"\\u7ea2\"]\n"), three);
  EXPECT_THAT(read("\"a, b\",\n\"c\",\n\"\\u7ea2\"\n"), three);
  EXPECT_THAT(read("['a, b', 'c', '\xE7\xBA\xA2']"), three);
  EXPECT_THAT(read("names: ['a, b', c, '\xE7\xBA\xA2']"), three);
  EXPECT_THAT(read("labels:\n- a, b\n- c\n- \xE7\xBA\xA2\n"), three);
  EXPECT_THAT(read("- a, b\n- c\n- \xE7\xBA\xA2\n"), three);
  EXPECT_THAT(read("\"a, b\"\nc\n\xE7\xBA\xA2\n"), three);  // a column of CSV
  EXPECT_THAT(read("'a, b'\n'c'\n'\xE7\xBA\xA2'\n"), three);
  EXPECT_THAT(read("n01440764 a, b\nn01440765 c\nn01440766 \xE7\xBA\xA2\n"), three);
  EXPECT_THAT(read("n01440765 1\nn01440764 0\n"), ElementsAre("n01440764", "n01440765"));
  EXPECT_THAT(read("[\"\\ud83d\\ude00 \\\\u0041 \\\"\"]"), ElementsAre("\xF0\x9F\x98\x80 \\u0041 \""));
  for (const char* text :
       {"cat,\ndog,\nguinea pig",
        "cat;\ndog;\nguinea pig;",
        "* cat\n* dog\n* guinea pig\n",
        "\xE2\x80\x9C"
        "cat\xE2\x80\x9D\n\xE2\x80\x9C"
        "dog\xE2\x80\x9D\n\xE2\x80\x9Cguinea pig\xE2\x80\x9D\n",
        "cat\rdog\rguinea pig\r",
        "0 cat\r1 dog\r2 guinea pig",
        "cat\n\xEF\xBB\xBF"
        "dog\nguinea\xC2\xA0pig\n",
        "* 0: cat\n* 1: dog\n* 2: guinea pig\n",
        "(0, 'cat'),\n(1, 'dog'),\n(2, 'guinea pig');\n",
        "0 \xE2\x80\x93 cat\n1 \xE2\x80\x93 dog\n2 \xE2\x80\x93 guinea pig\n",
        "0\t\tcat\n1\t\tdog\n2\t\tguinea pig\n",
        "{\"0\": {\"id\": \"n01\", \"label\": \"cat\"}, \"1\": {\"label\": \"dog\"}, \"2\": "
        "{\"label\": \"guinea pig\"}}",
        "---\n- cat\n- dog\n- guinea pig\n",
        "(0) cat\n(1) dog\n(2) guinea pig\n",
        "#0 cat\n#1 dog\n#2 guinea pig\n",
        "0.cat\n1.dog\n2.guinea pig\n",
        "class 0: cat\nclass 1: dog\nclass 2: guinea pig\n",
        "cat (0)\ndog (1)\nguinea pig (2)\n",
        "cat\tn01440764\ndog\tn01440765\nguinea pig\tn01440766\n",
        "{\"vocab\": [\"cat\", \"dog\", \"guinea pig\"]}",
        "{\"text_config\": {\"id2label\": {\"0\": \"LABEL_0\"}}, \"names\": [\"cat\", \"dog\", \"guinea pig\"]}",
        "{\"id2label\": {\"0\": \"cat\", \"1\": \"dog\", \"2\": \"guinea pig\"},"
        " \"label2id\": {\"cat\": 0, \"dog\": 1, \"guinea pig\": 2}}"}) {
    EXPECT_THAT(read(text), ElementsAre("cat", "dog", "guinea pig")) << text;
  }
}

TEST_F(LabelsTest, NamesThatOnlyLookLikeAForm) {
  const std::vector<std::vector<std::string>> files = {
      {"label 0", "label 1", "label 2"},
      {"boeing 747", "airbus 320", "mp3"},
      {"4:3", "16:9", "1:1"},
      {"0-2", "3-9", "10-19"},
      {"tench, Tinca tinca", "goldfish", "jack-o'-lantern"},
      {"cat: indoor", "cat: outdoor", "dog"},
      {"n01440764", "n01440765"},
      {"(none)", "[unknown]", "a"},
      {"[background]", "cat", "dog"},
      {"0.5", "1.5", "2.5"},
      {"the \"king\"", "O'Hara", "24\" screen"},
      {"0", "2", "1"},
      {"no label", "cat", "dog"},
      {"target class", "cat", "dog"},
      {"0_cat", "1_dog", "2_owl"},
      {"001.Black_footed_Albatross", "002.Laysan_Albatross"},
      {"cat (1)", "dog (2)"},
      {"0-1", "1-2", "2-3"},
      {"'cat'", "dog"},
      {"a,b", "c", "d"},
  };
  for (const auto& names : files) {
    std::string text;
    for (const std::string& name : names) text += name + "\n";
    EXPECT_EQ(read(text), names) << text;
  }
  EXPECT_THAT(read("0 digit 0\n1 digit 1\n"), ElementsAre("digit 0", "digit 1"));
  EXPECT_THAT(read("0,7\n1,9\n"), ElementsAre("7", "9"));
  EXPECT_THAT(read("{\"0\": \"5\", \"1\": \"3\"}"), ElementsAre("5", "3"));
}

TEST_F(LabelsTest, WhatCouldBeTwoThingsIsRefused) {
  const auto first_problem = [this](const std::string& text) {
    const auto problems = problems_of(text);
    return problems.empty() ? "" : problems.front();
  };
  EXPECT_THAT(first_problem("0,1\n1,2\n2,0\n"), HasSubstr("both columns are numbers that can be class ids"));
  EXPECT_THAT(first_problem("{\"0\": 1, \"1\": 2, \"2\": 0}"), HasSubstr("maps numbers to numbers"));
  EXPECT_THAT(first_problem("a 0\na 1\na 2\nb 3\n"), HasSubstr("each line ends with a number (0 to 3)"));
  EXPECT_THAT(first_problem("cat 1\ndog 2\nowl 3\n"), HasSubstr("each line ends with a number (1 to 3)"));
  EXPECT_THAT(first_problem("1,a\n2,b\n"), HasSubstr(":2: class id 2"));
  EXPECT_THAT(first_problem("1: a\n2: b\n"), HasSubstr(":2: class id 2"));
  EXPECT_THAT(first_problem("a,1\nb,2\n"), HasSubstr(":2: class id 2"));
  EXPECT_THAT(first_problem("a,0\nb\nc,2\n"), HasSubstr(":2: expected a name, \",\" and a class id"));
  EXPECT_THAT(first_problem("{\"a\": 0, \"b\": 0}"), HasSubstr("class id 0 is already on line 1"));
  EXPECT_THAT(first_problem("{\"a\": \"b\"}"), HasSubstr("neither its keys nor its values are class ids"));
  EXPECT_THAT(first_problem("{\"0\": [\"a\", \"b\"]}"), HasSubstr("expected a name as entry 0"));
  EXPECT_THAT(first_problem("[\"a\\nb\", \"c\"]"), HasSubstr("expected a name as entry 0, got \"a\\nb\""));
  EXPECT_THAT(first_problem("\"\",1\na,2\nb,3\n"), HasSubstr("class id 1 has no name"));
  EXPECT_THAT(first_problem("[\"a\", \"b\""), HasSubstr("looks like JSON, YAML or a Python dict"));
  EXPECT_THAT(first_problem("[\"a\"] [\"b\"]"), HasSubstr(":1:"));
  EXPECT_THAT(first_problem("[b'a', b'c']"), HasSubstr("expected a name as entry 0, got \"b'a'\""));
  EXPECT_THAT(first_problem("[&a x, *a]"), HasSubstr("holds an alias"));
  EXPECT_THAT(first_problem("CLASSES = (\n'a',\n'b',\n)\n"), HasSubstr("as source code does"));
  EXPECT_THAT(first_problem("item {\n id: 1\n name: 'a'\n}\n"), HasSubstr("as source code does"));
  EXPECT_THAT(first_problem("id,name\na,b\n"), HasSubstr("begins with a header, \"id,name\""));
  EXPECT_THAT(first_problem("a\nb,\nc\n"), HasSubstr(":2: \"b,\" ends with a separator"));
  EXPECT_THAT(first_problem("0_a\n10_k\n1_b\n2_c\n3_d\n4_e\n5_f\n6_g\n7_h\n8_i\n9_j\n"),
              HasSubstr(":2: \"10_k\" is class 10 by its number, but class 1 by its line"));
  EXPECT_THAT(first_problem("0,cat,feline\n1,dog,canine\n"),
              HasSubstr("has 3 columns on each line (separated by \",\")"));
  EXPECT_THAT(first_problem("/m/01abc\tcat\n/m/02abc\tdog\n"), HasSubstr("separated by a tab"));
  for (const char* text : {"cat,dog,owl", "cat;dog;owl\n", "('cat', 'dog')", "CLASSES = ['cat', 'dog']\n"}) {
    EXPECT_THAT(first_problem(text), HasSubstr("in one line: expected one class a line")) << text;
  }
  EXPECT_THAT(first_problem("export const C = {\n 0: 'a',\n 1: 'b',\n};\n"), HasSubstr("as source code does"));
  EXPECT_THAT(first_problem("M = dict(classes=('a',\n 'b'))\n"), HasSubstr("as source code does"));
  EXPECT_THAT(first_problem("{\"id2label\": {\"0\": \"a\", \"1\": \"b\"},\n\"label2id\": {\"a\": 1, \"b\": 0}}"),
              HasSubstr(":2: has other classes under \"label2id\" than under \"id2label\" (line 1)"));
  const auto problems = problems_of("1,a\n2,b\n", true);
  EXPECT_THAT(problems.back(), HasSubstr(": label files have a class a line (`name`, `id name`"));
}

TEST_F(LabelsTest, OtherEncodingsAreNamed) {
  const auto encoding = [this](const std::string& text) {
    const auto problems = problems_of(text);
    EXPECT_THAT(problems, SizeIs(1));
    return problems.empty() ? "" : problems.front();
  };
  EXPECT_EQ(encoding("cat\n\xBA\xEC\xC9\xAB\ndog\n"),
            ": seems to be GBK text, expected UTF-8; convert it: iconv -f GBK -t UTF-8 FILE > NEW");
  EXPECT_THAT(encoding("caf\xE9\n\xC9"
                       "cole\nna\xEFve\n"),
              HasSubstr("seems to be WINDOWS-1252"));
  EXPECT_THAT(encoding("\xEA\xF0\xE0\xF1\xED\xFB\xE9\n\xF1\xE8\xED\xE8\xE9\n"), HasSubstr("seems to be WINDOWS-1251"));
  EXPECT_THAT(encoding("\xCB\xD2\xC1\xD3\xCE\xD9\xCA\n\xD3\xC9\xCE\xC9\xCA\n"), HasSubstr("seems to be KOI8-R"));
  EXPECT_THAT(encoding("\x82\xCB\x82\xB1\n\x83\x43\x83\x6B\n"), HasSubstr("seems to be SHIFT_JIS"));
  EXPECT_THAT(
      encoding("\xB0\xED\xBE\xE7\xC0\xCC\n\xB0\xAD\xBE\xC6\xC1\xF6\n\xB8\xBB\n\xC5\xE4\xB3\xA2\n\xBB\xE7\xC0\xDA\n"),
      HasSubstr("seems to be EUC-KR"));
  EXPECT_THAT(encoding("\xAA\xAF\n\xBF\xDF\xAB\x7D\n\xA4\x48\n\xA4\x6A\n"), HasSubstr("seems to be BIG5"));
  EXPECT_THAT(encoding(std::string("\xFF\xFE"
                                   "c\0a\0t\0\n\0",
                                   10)),
              HasSubstr("is UTF-16LE"));
  EXPECT_THAT(encoding(std::string("\0c\0a\0t\0\n", 8)), HasSubstr("is UTF-16BE"));
}

TEST_F(LabelsTest, SizeIsBounded) {
  EXPECT_THAT(problems_of(std::string(17U << 20, 'x')), ElementsAre(HasSubstr("is longer than 16777216 bytes")));
  EXPECT_THAT(problems_of(std::string(1'100'000, '\n') + "x"), ElementsAre(HasSubstr("more than 1000000 lines")));
  EXPECT_THAT(problems_of(std::string(100'000, '[')).front(), HasSubstr("nested too deep"));
  std::string values = "[\n";
  for (int line = 0; line < 400'000; ++line) values += "a,a,a,\n";
  EXPECT_THAT(problems_of(values + "a]").front(), HasSubstr("holds more than 1000000 values"));
}

TEST_F(LabelsTest, EveryWrongIdIsNamed) {
  EXPECT_THAT(problems_of("0 a\n5 b\n0 c\n-1 d\n99999999999999999999 e\n"),
              ElementsAre(HasSubstr(":2: class id 5 is out of range: the file has 5 classes, ids 0 to 4"),
                          HasSubstr(":3: class id 0 is already on line 1"), HasSubstr(":4: class id -1"),
                          HasSubstr(":5: class id 99999999999999999999"), HasSubstr(": no line for class id 1"),
                          HasSubstr(": no line for class id 2"), HasSubstr(": no line for class id 3"),
                          HasSubstr(": no line for class id 4")));
}

TEST_F(LabelsTest, IdsFromOneAreWrong) {
  EXPECT_THAT(problems_of("1 a\n2 b\n"),
              ElementsAre(HasSubstr(":2: class id 2"), HasSubstr(": no line for class id 0")));
}

TEST_F(LabelsTest, ALineWithoutIdAmongLinesWithOne) {
  EXPECT_THAT(problems_of("0 a\nb\n2 c\n"),
              ElementsAre(HasSubstr(":2: no class id before the name"), HasSubstr(": no line for class id 1")));
}

TEST_F(LabelsTest, AnIdWithoutNameAmongNames) {
  EXPECT_THAT(problems_of("0 a\n1 \n2 c\n"), ElementsAre(HasSubstr(":2: class id 1 has no name")));
}

TEST_F(LabelsTest, AnEmptyLineAmongNames) {
  EXPECT_THAT(problems_of("a\n\nc\n\t\ne\n"),
              ElementsAre(HasSubstr(":2: empty line: class 1 has no name"), HasSubstr(":4: empty line")));
}

TEST_F(LabelsTest, NoLabelsAtAll) {
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("holds no labels")));
  EXPECT_THAT(problems_of("\n \n"), ElementsAre(HasSubstr("holds no labels")));
}

TEST_F(LabelsTest, NotATextFile) {
  EXPECT_THAT(problems_of(std::string("a\0b\n", 4)), ElementsAre(HasSubstr("not a text file")));
}

TEST_F(LabelsTest, ManyProblemsAreCounted) {
  std::string text;
  for (int line = 0; line < 1000; ++line) text += "5000 name\n";
  const auto problems = problems_of(text);
  ASSERT_THAT(problems, SizeIs(20));
  EXPECT_THAT(problems.back(), HasSubstr("1981 more"));
}

TEST(Labels, MissingFileAndFolder) {
  const auto message = [](const std::string& path) -> std::string {
    try {
      read_labels(path);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("no/such/labels.txt"), HasSubstr("no/such/labels.txt: no such file"));
  EXPECT_EQ(message("/dev/zero"), "/dev/zero: is not a regular file");
  EXPECT_THAT(message(testing::TempDir()), HasSubstr("is a folder"));
}

TEST_F(LabelsTest, AHundredThousandLinesAtOnce) {
  std::string text;
  for (int id = 99'999; id >= 0; --id) text += std::to_string(id) + " name of " + std::to_string(id) + "\n";
  const auto labels = read(text);
  ASSERT_THAT(labels, SizeIs(100'000));
  EXPECT_EQ(labels[77'777], "name of 77777");
}

}  // namespace
}  // namespace ppinfer
