// A program of its own, since it replaces operator new to count.
#include <gtest/gtest.h>

#include <string>

#include "counted_allocations.h"
#include "job/streams.h"
#include "temporary_folder.h"

namespace ppinfer {
namespace {

// So many records, as lanes hand them over: a window of inputs is in flight.
void pass(int records, const InputFacts& facts, FactsInFlight& in_flight, JobSink& sink, const Result& result) {
  for (int record = 0; record < records; ++record) {
    in_flight.push(facts);
    sink.write(result);
  }
}

TEST(JobSink, TakesNoMemoryOnceWarm) {
  const TemporaryFolder folder;
  ImageFiles none({});
  for (const RecordFormat format : {RecordFormat::kText, RecordFormat::kJsonl, RecordFormat::kCsv}) {
    const auto store = make_record_store(folder.path("out"), format, PostprocessOp::kTopk);
    store->cut(0);
    Journal journal(folder.path("out.journal"));
    journal.open();
    journal.begin({});
    FactsInFlight in_flight;
    JobSource source(none, in_flight);
    JobSink sink(*store, nullptr, &journal, in_flight, source, {}, {});
    Result result;
    result.path = "photos/a name that is too long to be kept in a string itself.jpg";
    for (int id = 0; id < 5; ++id) {
      result.class_ids.push_back(id);
      result.scores.push_back(0.1F * static_cast<float>(id));
      result.label_names.emplace_back("a label that is too long to be kept in a string itself");
    }
    const InputFacts facts{1, 2, 3};
    for (int input = 0; input < 1000; ++input) in_flight.push(facts);
    pass(2000, facts, in_flight, sink, result);
    const long before = allocations;
    pass(20'000, facts, in_flight, sink, result);
    EXPECT_EQ(allocations, before);
    journal.close();
    store->abandon();
  }
}

}  // namespace
}  // namespace ppinfer
