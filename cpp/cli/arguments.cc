#include "arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

#include "core/file_names.h"
#include "core/message_text.h"
#include "help.h"
#include "input_flags.h"
#include "ppinfer/image.h"
#include "ppinfer/model_place.h"

namespace ppinfer {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override { return std::string("\n") + kUsage; }
};

class CommandLine {
 public:
  CommandLine() : app_(description(), "clas_system"), input_flags_(app_) {
    arguments_.run.format = RecordFormat::kText;
    app_.formatter(std::make_shared<HelpFormatter>());
    app_.get_formatter()->column_width(28);
    app_.set_help_flag("-h,--help", "Explain and exit");
    app_.add_option("-c,--config", arguments_.config_path, "The config file")->option_text("CONFIG");
    app_.add_option(
            "-m,--model", model_,
            "Model file or folder. For a folder made by `ppinfer convert` or `quantize`, its config.txt is used")
        ->option_text("MODEL");
    app_.add_option("-o,--override", overrides_, "Set one key of the config; may be given many times")
        ->option_text("KEY=VALUE")
        ->allow_extra_args(false);
    app_.add_option(
            "--format", format_,
            "Record format: text (for people), jsonl, csv, or spreadsheet: CSV with ' in front of fields that a "
            "spreadsheet would run as formulas. Default: from FILE's extension, else text")
        ->option_text("FORMAT");
    app_.add_option("--output", arguments_.run.output_path,
                    "Where records go; - is standard output, the default. A file is there when it is complete; until "
                    "then it is FILE.part")
        ->option_text("FILE");
    app_.add_flag("--resume", arguments_.run.resume, "Go on from where a stopped run has left its FILE.part");
    app_.add_flag("--force", arguments_.run.force, "Start over, whatever a stopped run has left");
    app_.add_option("--errors", arguments_.run.errors_path, "A file for the records of images that failed, as well")
        ->option_text("FILE");
    app_.add_option("--max-errors", max_errors_,
                    "Stop with exit code 3 when more images than N fail, or from 100 images on more than P% of them")
        ->option_text("N|P%");
    app_.add_flag("-q,--quiet", arguments_.quiet, "Say nothing but errors: no notices, progress or summary");
    app_.add_flag("--keys", show_keys_, "List every key of the config and exit");
    app_.add_flag("--version", show_version_, "Print the versions of ppinfer and its engines and exit");
    app_.footer(explanations());
    // CLI11 would take a path like "[a,b]" apart if paths were an option of its own.
    app_.allow_extras();
  }

  Arguments parse(int argc, const char* const* argv) {
    arguments_.command.assign(argv, argv + argc);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      arguments_.action = Arguments::Action::kShowHelp;
      arguments_.help = app_.help();
      return arguments_;
    } catch (const CLI::ParseError& error) {
      throw UsageError({error.what()});
    }
    if (show_keys_) arguments_.action = Arguments::Action::kShowKeys;
    if (show_version_) arguments_.action = Arguments::Action::kShowVersion;
    if (arguments_.action != Arguments::Action::kClassify) return arguments_;
    take_paths();
    take_overrides();
    take_format();
    take_max_errors();
    arguments_.inputs = input_flags_.take(problems_);
    if (problems_.empty()) find_config();
    if (problems_.empty()) check_run();
    if (!problems_.empty()) throw UsageError(problems_);
    return arguments_;
  }

 private:
  void take_paths() {
    const std::vector<std::string> extras = app_.remaining();
    bool only_paths = false;
    for (auto extra = extras.begin(); extra != extras.end(); ++extra) {
      if (!only_paths && *extra == "--") {
        only_paths = true;
      } else if (!only_paths && is_flag(*extra)) {
        const std::size_t equals = extra->find('=');
        const std::string flag = extra->substr(0, equals);
        const std::string key = key_of(flag);
        const bool value_follows = equals == std::string::npos && extra + 1 != extras.end() && !is_flag(extra[1]);
        const std::string value = value_follows                 ? extra[1]
                                  : equals == std::string::npos ? "VALUE"
                                                                : extra->substr(equals + 1);
        if (!key.empty() && value_follows) ++extra;  // it was meant for the key, and is no path
        problems_.push_back("unknown flag " + flag +
                            (key.empty() ? did_you_mean(flag, flags()) : ": keys are set by -o " + key + "=" + value));
      } else {
        arguments_.image_paths.push_back(*extra);
      }
    }
  }

  static bool is_flag(const std::string& argument) { return argument.size() > 1 && argument[0] == '-'; }

  // The config key that a flag was meant for. Empty: none.
  static std::string key_of(const std::string& flag) {
    std::string name = flag.substr(std::min(flag.size(), flag.find_first_not_of('-')));
    std::replace(name.begin(), name.end(), '-', '_');
    for (const FieldInfo& field : config_fields()) {
      if (field.name == name) return name;
    }
    return "";
  }

  static bool sets_model(const Override& set) {
    const std::vector<FieldInfo> fields = config_fields();
    return std::any_of(fields.begin(), fields.end(),
                       [&set](const FieldInfo& field) { return field.names_model && field.name == set.key; });
  }

  std::vector<std::string> flags() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  void take_overrides() {
    for (const std::string& text : overrides_) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || equals == 0) {
        problems_.push_back("-o " + text + ": expected KEY=VALUE, such as -o " +
                            (equals == 0 || text.empty() ? "topk" : text) + "=1");
        continue;
      }
      arguments_.overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }

  void take_format() {
    if (!format_) return take_told_format(arguments_.run.output_path);
    try {
      arguments_.run.format = parse_record_format(*format_);
    } catch (const ConfigError&) {
      problems_.push_back("--format " + *format_ + ": expected text, jsonl, csv or spreadsheet");
    }
  }

  void take_told_format(const std::string& output) {
    try {
      const std::string told = format_from_extension(output);
      if (told == "parquet" || told == "npy") {
        problems_.push_back("--output " + output + ": expected .txt, .jsonl or .csv; `ppinfer classify` writes " +
                            told);
      } else if (!told.empty()) {
        arguments_.run.format = parse_record_format(told);
      }
    } catch (const ConfigError& error) {
      problems_.push_back(std::string("--output ") + error.what());
    }
  }

  // "20", or "1.5%"
  void take_max_errors() {
    if (max_errors_.empty()) return;
    const bool is_percent = max_errors_.back() == '%';
    const char* const first = max_errors_.data();
    const char* const last = first + max_errors_.size() - (is_percent ? 1 : 0);
    double percent = 0;
    const auto read = is_percent ? std::from_chars(first, last, percent, std::chars_format::fixed)
                                 : std::from_chars(first, last, arguments_.run.max_errors);
    const bool in_range = is_percent ? percent >= 0 && percent <= 100 : arguments_.run.max_errors >= 0;
    if (read.ec != std::errc() || read.ptr != last || !in_range) {
      problems_.push_back("--max-errors " + max_errors_ +
                          ": expected a number of images, such as 20, or a share, such as 1%");
    } else if (is_percent) {
      arguments_.run.max_error_percent = percent;
    }
  }

  // Names alone decide, so that a wrong path is reported for what it was meant to be.
  void find_config() {
    std::vector<std::string>& paths = arguments_.image_paths;
    const bool names_model =
        !model_.empty() || std::any_of(arguments_.overrides.begin(), arguments_.overrides.end(), sets_model);
    const bool first_is_config =
        arguments_.config_path.empty() && !paths.empty() && (!names_model || has_config_ending(paths.front()));
    if (first_is_config) {
      const std::string first = paths.front();
      std::error_code ignored;
      if (has_image_ending(first) || std::filesystem::is_directory(first, ignored)) {
        problems_.push_back("no config: the first argument is " + first +
                            ", expected a config file before the images, -c CONFIG, or -m MODEL");
        return;
      }
      arguments_.config_path = first;
      paths.erase(paths.begin());
    }
    take_model();
    if (paths.empty() && arguments_.inputs.list_path.empty()) {
      problems_.push_back("no images: name at least one image, folder or archive, or a --list of them");
    }
  }

  void take_model() {
    if (model_.empty()) return;
    const ModelPlace place = model_place(model_);
    if (arguments_.config_path.empty() && !place.config_path.empty()) {
      arguments_.config_path = place.config_path;
    } else {
      arguments_.overrides.insert(arguments_.overrides.begin(),
                                  {place.key.empty() ? "model_dir" : place.key, model_, "-m"});
    }
  }

  void check_run() {
    if (arguments_.run.resume && arguments_.run.force) {
      problems_.push_back("--resume and --force: expected one of them, to go on or to start over");
    }
    check_output("--output", arguments_.run.output_path);
    check_output("--errors", arguments_.run.errors_path);
  }

  void check_output(const std::string& flag, const std::string& path) {
    const std::string mistaken_for = clobbered_input(path, arguments_.inputs.list_path, arguments_.config_path);
    if (mistaken_for.empty()) return;
    problems_.push_back(flag + " " + path + ": that is " + mistaken_for +
                        ", expected a file for records, such as answers.jsonl");
  }

  CLI::App app_;
  InputFlags input_flags_;
  Arguments arguments_;
  std::vector<std::string> overrides_;
  std::string model_;
  std::optional<std::string> format_;
  std::string max_errors_;
  bool show_keys_ = false;
  bool show_version_ = false;
  std::vector<std::string> problems_;
};

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) { return CommandLine().parse(argc, argv); }

}  // namespace ppinfer
