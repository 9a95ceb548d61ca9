// A program of its own, since it replaces operator new to count.
#include <gtest/gtest.h>

#include <string>

#include "counted_allocations.h"
#include "run/run_sink.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

void pass(int records, RunSink& sink, const Result& result) {
  for (int record = 0; record < records; ++record) sink.write(result);
}

TEST(RunSink, TakesNoMemoryOnceWarm) {
  const TemporaryFolder folder;
  ImageFiles none({});
  for (const RecordFormat format : {RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv}) {
    RunOptions options;
    options.output_path = folder.path("out");
    options.format = format;
    const auto store = make_record_store(options, PostprocessOp::kTopk);
    store->truncate(0);
    RunSink sink(*store, nullptr, true, none, {}, {});
    Result result;
    result.path = "photos/a name that is too long to be kept in a string itself.jpg";
    for (int id = 0; id < 5; ++id) {
      result.class_ids.push_back(id);
      result.scores.push_back(0.1F * static_cast<float>(id));
      result.label_names.emplace_back("a label that is too long to be kept in a string itself");
    }
    pass(2000, sink, result);
    const long before = allocations;
    pass(20'000, sink, result);
    EXPECT_EQ(allocations, before);
    store->close();
  }
}

}  // namespace
}  // namespace ppinfer
