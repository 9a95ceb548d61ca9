#include "ppinfer/image_files.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using Texts = std::vector<std::string>;

std::unique_ptr<ImageFiles> open_files(Texts paths, Texts include, Texts exclude, bool hidden, bool follow_links,
                                       const std::pair<int, int>& shard, std::string list_path, bool list_ends_in_nul) {
  InputOptions options;
  options.include = std::move(include);
  options.exclude = std::move(exclude);
  options.hidden = hidden;
  options.follow_links = follow_links;
  options.shard_index = shard.first;
  options.shard_count = shard.second;
  options.list_path = std::move(list_path);
  options.list_ends_in_nul = list_ends_in_nul;
  return std::make_unique<ImageFiles>(std::move(paths), std::move(options));
}

void check_paths(const Texts& paths, bool hidden, bool follow_links) {
  InputOptions options;
  options.hidden = hidden;
  options.follow_links = follow_links;
  const py::gil_scoped_release waits_for_the_disk;
  check_any_is_there(paths, options);
}

// Ctrl-C, while whoever writes a list takes their time.
void let_signals_through() {
  const py::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

std::int64_t count_images(Texts paths, Texts include, Texts exclude, bool hidden, bool follow_links,
                          const std::pair<int, int>& shard, std::string list_path, bool list_ends_in_nul) {
  const std::unique_ptr<ImageFiles> files = open_files(std::move(paths), std::move(include), std::move(exclude), hidden,
                                                       follow_links, shard, std::move(list_path), list_ends_in_nul);
  const py::gil_scoped_release waits_for_the_disk;
  std::int64_t images = 0;
  for (ImageInput input; files->skip(input, let_signals_through);) ++images;
  return images;
}

py::str next_path(ImageFiles& files) {
  ImageInput input;
  bool has_next = false;
  {
    const py::gil_scoped_release waits_for_the_disk;
    has_next = files.skip(input, let_signals_through);  // Python needs only the path
  }
  if (!has_next) throw py::stop_iteration();
  return to_python_path(input.path);
}

py::list notices_of(const ImageFiles& files) {
  py::list notices;
  for (const std::string& notice : files.notices()) notices.append(to_python_text(notice));
  return notices;
}

std::pair<py::bytes, std::int64_t> read_member(MemberReader& reader, const std::string& path) {
  std::vector<std::uint8_t> content;
  std::int64_t modified_ns = -1;
  {
    const py::gil_scoped_release waits_for_the_disk;
    modified_ns = reader.read(path, content);
  }
  return {py::bytes(reinterpret_cast<const char*>(content.data()), content.size()), modified_ns};
}

std::string skipped_in_words(std::int64_t skipped, std::map<std::string, std::int64_t> not_images) {
  SkippedFiles files;
  files.not_images = std::move(not_images);
  files.left_out = skipped - files.count();
  return in_words(files);
}

// What comes after a function that takes the arguments of open_files.
template <typename Define>
void define(const Define& def) {
  using namespace py::literals;
  def("paths"_a, py::kw_only(), "include"_a = Texts(), "exclude"_a = Texts(), "hidden"_a = false,
      "follow_links"_a = true, "shard"_a = std::pair<int, int>(1, 1), "list_path"_a = py::bytes(""),
      "list_ends_in_nul"_a = false);
}

}  // namespace

void bind_image_files(py::module_& core) {
  using namespace py::literals;
  py::class_<ImageFiles> files(core, "ImageFiles");
  files.def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next_path)
      .def_property_readonly("skipped", [](const ImageFiles& found) { return found.skipped().count(); })
      .def_property_readonly("not_images", [](const ImageFiles& found) { return found.skipped().not_images; })
      .def_property_readonly("notices", &notices_of)
      .def_property_readonly("reads_a_stream", &ImageFiles::reads_a_stream)
      .def_property_readonly("of_other_shards", &ImageFiles::of_other_shards);
  define([&](auto&&... arguments) { files.def(py::init(&open_files), arguments...); });
  define([&](auto&&... arguments) { core.def("count_images", &count_images, arguments...); });
  py::class_<MemberReader>(core, "MemberReader").def(py::init<>()).def("read", &read_member, "path"_a);
  core.def("check_any_is_there", &check_paths, "paths"_a, py::kw_only(), "hidden"_a, "follow_links"_a);
  core.def("skipped_in_words", &skipped_in_words, "skipped"_a, "not_images"_a);
  core.def("archive_endings", &archive_endings);
  core.def("has_image_ending", &has_image_ending, "name"_a);
}

}  // namespace ppinfer
