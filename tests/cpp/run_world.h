// A fake model, photos, and runs over them.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "ppinfer/error.h"
#include "run/record_stores.h"
#include "sample_images.h"
#include "temporary_folder.h"

namespace ppinfer {

inline std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// Fails with the record of this number, as a disk that is full would; flush() and the rest are those of the store.
class StoppingStore : public RecordStore {
 public:
  StoppingStore(std::unique_ptr<RecordStore> store, int records) : store_(std::move(store)), left_(records) {}
  void visit(const std::function<bool(const KeptRecord&)>& visit) override { store_->visit(visit); }
  std::string path_text(const std::string& path) const override { return store_->path_text(path); }
  void truncate(std::int64_t count) override { store_->truncate(count); }
  void write(const Result& result) override {
    if (left_-- == 0) throw RuntimeFailure("told to stop here");
    store_->write(result);
  }
  bool full() const override { return store_->full(); }
  void flush() override { store_->flush(); }
  void commit() override { store_->commit(); }
  void close() override { store_->close(); }

 private:
  std::unique_ptr<RecordStore> store_;
  int left_;
};

// As a kill leaves it that comes between the last rename and the removal of the manifest.
class KilledAtTheEnd : public StoppingStore {
 public:
  using StoppingStore::StoppingStore;
  void commit() override {
    StoppingStore::commit();
    throw RuntimeFailure("killed");
  }
};

class RunWorld : public testing::Test {
 protected:
  RunWorld() : predictor_(fake_config()) {
    options_.output_path = folder_.path("out.jsonl");
    options_.identity = {{"callers_key", "5"}};
  }

  Config fake_config() const {
    return Config::from_overrides({{"cls_model_path", folder_.write("model.fake", "classes 3\n")},
                                   {"engine", "fake"},
                                   {"lanes", "2"},
                                   {"resize_short_size", "4"},
                                   {"crop_size", "4"}});
  }

  // photos/0.png, 1.png, ...; every third can't be decoded.
  void make_photos(int count) const {
    for (int index = 0; index < count; ++index) {
      const Bytes png = encode(".png", make_picture(5 + index, 6));
      const std::string name = "photos/" + std::to_string(index) + ".png";
      folder_.write(name, index % 3 == 2 ? "no image" : std::string(png.begin(), png.end()));
    }
  }

  std::unique_ptr<RecordStore> store() const { return make_record_store(options_, PostprocessOp::kTopk); }

  RunSummary run(const ProgressCallback& watch = {}) {
    const auto records = store();
    ImageFiles files({folder_.path("photos")});
    return write_records_into(*records, predictor_, files, options_, watch);
  }

  RunSummary resume() {
    options_.resume = true;
    const RunSummary totals = run();
    options_.resume = false;
    return totals;
  }

  // Leaves a part and a manifest of so many images.
  void run_until(int records) {
    StoppingStore stopping(store(), records);
    ImageFiles files({folder_.path("photos")});
    EXPECT_THROW(write_records_into(stopping, predictor_, files, options_), RuntimeFailure);
  }

  // What a run that isn't stopped writes; the output is removed again.
  std::string uninterrupted() {
    run();
    std::string records = content_of(options_.output_path);
    std::filesystem::remove(options_.output_path);
    return records;
  }

  std::string problem_of_run() {
    try {
      run();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::string part() const { return options_.output_path + ".part"; }
  std::string manifest() const { return options_.output_path + ".manifest"; }
  static bool is_there(const std::string& path) { return std::filesystem::exists(path); }
  bool is_clean() const { return !is_there(part()) && !is_there(manifest()); }

  const TemporaryFolder folder_;
  Predictor predictor_;
  RunOptions options_;
};

}  // namespace ppinfer
