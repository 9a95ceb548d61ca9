// Pillow's antialiased 8-bit resize, bit for bit, of the needed pixels. Two passes, each rounded to bytes. The first
// pass is along x, except in the cases of Note [Order of Pillow's passes]. Rows are kept while they are needed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "preprocess/pil_weights.h"
#include "preprocess/resized_rows.h"

namespace ppinfer {

class PilRows final : public ResizedRows {
 public:
  explicit PilRows(Interpolation interpolation) : interpolation_(interpolation) {}
  void begin(const PixelView& image, Size resized_px, const Region& region) override;
  const std::uint8_t* row(int y) override;

 private:
  struct Down {  // the source rows that a row is made of, and where in pairs_ their weights begin
    int first_source_row;
    int source_rows;
    std::size_t first_pair;
  };
  void prepare_across(bool down_first);
  void prepare_down();
  const std::uint8_t* line_of(int source_y);

  Interpolation interpolation_;
  PixelView image_;
  Size image_px_, resized_px_;  // that the weights are for
  Region region_;
  bool down_first_ = false;
  int groups_ = 0;  // of four taps in a window of across_; 0: the width stays
  PilWeights weights_;
  std::vector<std::int32_t> window_;
  WindowArrays across_;
  SourceRows source_;
  std::vector<Down> down_;  // empty: the height stays
  std::vector<std::int32_t> pairs_;
  // Of source row y in slot y % slots: RGBX after the pass along x, or with down_first_ the source's columns that the
  // pass along x will need, RGB.
  std::vector<std::uint8_t> lines_;
  int line_px_ = 0;  // of 4 bytes each
  Region needed_columns_;
  std::vector<int> line_source_rows_;
  std::vector<const std::uint8_t*> tap_lines_;
  std::vector<std::uint8_t> narrowed_;  // between the passes, with down_first_
  std::vector<std::uint8_t> rgbx_;
};

}  // namespace ppinfer
