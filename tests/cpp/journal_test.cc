#include "job/journal.h"

#include <gmock/gmock.h>

#include <fstream>

#include "temporary_folder.h"

namespace ppinfer {
namespace {

const JobIdentity kIdentity{{"topk", "5"}, {"path \xff\n", std::string("a\0b", 3)}, {"", ""}};

InputFacts facts(int number) { return {static_cast<std::uint64_t>(number) << 40, number, -number}; }

class JournalTest : public testing::Test {
 protected:
  // Of so many entries, every third an error.
  void make(int entries, bool ended = false) const {
    Journal journal(path_);
    journal.open();
    journal.begin(kIdentity);
    for (int index = 0; index < entries; ++index) journal.append(facts(index), index % 3 == 0);
    journal.flush();
    if (ended) journal.mark_end();
  }

  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  static void expect_entries(const Journal& journal, std::int64_t count) {
    EXPECT_EQ(journal.entries(), count);
    std::int64_t seen = 0;
    journal.for_each(count + 1, [&](std::int64_t index, const Journal::Entry& entry) {
      EXPECT_EQ(index, seen++);
      const InputFacts expected = facts(static_cast<int>(index));
      EXPECT_EQ(entry.input.path_hash, expected.path_hash);
      EXPECT_EQ(entry.input.size_bytes, expected.size_bytes);
      EXPECT_EQ(entry.input.modified_ns, expected.modified_ns);
      EXPECT_EQ(entry.is_error, index % 3 == 0);
      return true;
    });
    EXPECT_EQ(seen, count);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path("out.journal");
};

TEST_F(JournalTest, ComesBackAsItWas) {
  for (const int entries : {0, 1, 10'000}) {
    make(entries);
    Journal journal(path_);
    journal.open();
    EXPECT_TRUE(journal.is_whole());
    EXPECT_FALSE(journal.is_at_end());
    EXPECT_EQ(journal.identity(), kIdentity);
    expect_entries(journal, entries);
    EXPECT_EQ(journal.stored_entries(), entries);
  }
}

TEST_F(JournalTest, SaysWhatItIsToWhoeverLooks) {
  make(1);
  EXPECT_THAT(content(), testing::StartsWith("ppinfer journal 2\n"));
}

TEST_F(JournalTest, IsCutAnywhereAndGoesOn) {
  make(5);
  const std::string whole = content();
  const std::size_t header = whole.size() - 5 * 32;
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    put(whole.substr(0, bytes));
    Journal journal(path_);
    journal.open();
    ASSERT_EQ(journal.is_whole(), bytes >= header) << bytes;
    if (bytes < header) continue;
    const auto entries = static_cast<std::int64_t>((bytes - header) / 32);
    expect_entries(journal, entries);
    journal.cut(entries);
    for (auto index = static_cast<int>(entries); index < 7; ++index) journal.append(facts(index), index % 3 == 0);
    journal.flush();
    journal.close();
    Journal again(path_);
    again.open();
    expect_entries(again, 7);
  }
}

TEST_F(JournalTest, EveryChangedByteIsNoticed) {
  make(4);
  const std::string whole = content();
  const std::size_t header = whole.size() - 4 * 32;
  for (std::size_t position = 0; position < whole.size(); ++position) {
    std::string changed = whole;
    changed[position] = static_cast<char>(changed[position] ^ 0x10);
    put(changed);
    Journal journal(path_);
    journal.open();
    if (position < header) {
      EXPECT_FALSE(journal.is_whole()) << position;
    } else {
      expect_entries(journal, static_cast<std::int64_t>((position - header) / 32));
    }
  }
}

TEST_F(JournalTest, AnEntryInAnothersPlaceIsNone) {
  make(3);
  std::string bytes = content();
  bytes.erase(bytes.size() - 2 * 32, 32);
  put(bytes);
  Journal journal(path_);
  journal.open();
  expect_entries(journal, 1);
}

TEST_F(JournalTest, TheEndIsMarked) {
  make(3, true);
  Journal journal(path_);
  journal.open();
  EXPECT_TRUE(journal.is_at_end());
  expect_entries(journal, 3);
  journal.cut(3);
  journal.append(facts(3), true);
  journal.flush();
  journal.close();
  Journal again(path_);
  again.open();
  EXPECT_FALSE(again.is_at_end());
  expect_entries(again, 4);
}

}  // namespace
}  // namespace ppinfer
