#include "output/kept_record.h"

#include <gtest/gtest.h>

#include "ppinfer/result.h"

namespace ppinfer {
namespace {

// Of every format, with names that have all there is to escape: what is read is what was written.
TEST(KeptRecord, HasThePathAndTheStatusOfItsRecord) {
  for (const RecordFormat format :
       {RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv, RecordFormat::kSpreadsheet}) {
    for (const char* path : {"a.jpg", "", "a, b\".jpg", "\"quoted\"", "two\nlines\ttab", "caf\xe9.jpg", "=1+1", "\\",
                             "a\\\"", "error in \", \"status\": \"error", ",error,"}) {
      Result good;
      good.path = path;
      good.class_ids = {1};
      good.scores = {0.5F};
      good.label_names = {"error in a \"label\""};
      Result bad;
      bad.path = path;
      bad.error = ImageError(Stage::kDecode, "no image");
      for (const Result* result : {&good, &bad}) {
        const KeptRecord kept = read_record(format_record(*result, format), format);
        EXPECT_EQ(kept.path, path_text(path, format)) << to_string(format) << " " << path;
        EXPECT_EQ(kept.is_error, result == &bad) << to_string(format) << " " << path;
      }
    }
    EXPECT_NE(path_text("a.jpg", format), path_text("b.jpg", format));
    EXPECT_NE(path_text("=a", format), path_text("'=a", format) + "'");
  }
}

TEST(KeptRecord, OfDamagedRecordsIsNobodys) {
  for (const RecordFormat format : {RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv}) {
    for (const char* record : {"", "\n", "{\"path\": \"", "{\"path\": ", "\"", "\t", ","}) {
      EXPECT_FALSE(read_record(record, format).is_error);
    }
  }
}

}  // namespace
}  // namespace ppinfer
