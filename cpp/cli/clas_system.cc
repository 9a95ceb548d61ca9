// The binary: parse, run, exit code.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <sstream>
#include <string>

#include "arguments.h"
#include "help.h"
#include "interrupt.h"
#include "ppinfer/config.h"
#include "ppinfer/image_files.h"
#include "ppinfer/predictor.h"
#include "ppinfer/record_writer.h"
#include "progress.h"
#include "report.h"

namespace ppinfer {
namespace {

enum ExitCode { kAllFine = 0, kSomeImagesFailed = 1, kNotDone = 2, kInterrupted = 130 };

// Several problems are several lines, each with the name in front.
void say(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::fprintf(stderr, "clas_system: %s\n", line.c_str());
}

int print(const std::string& text) {
  const bool printed = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return printed ? kAllFine : kNotDone;
}

// Records on the same terminal are progress enough, and the line would be written into them.
bool progress_is_shown(const Arguments& arguments) {
  const bool records_on_terminal = arguments.output_path == "-" && isatty(STDOUT_FILENO) == 1;
  return !arguments.quiet && !records_on_terminal && isatty(STDERR_FILENO) == 1;
}

RunStats run(Predictor& predictor, ImageSource& files, RecordWriter& writer, const Arguments& arguments) {
  InterruptibleSource source(files);
  Progress progress(writer, progress_is_shown(arguments));
  const RunStats stats = predictor.run(source, progress);
  writer.finish();
  return stats;
}

int classify(const Arguments& arguments) {
  Predictor predictor(arguments.config_path.empty() ? Config::from_overrides(arguments.overrides)
                                                    : Config::from_file(arguments.config_path, arguments.overrides));
  if (!arguments.quiet) {
    for (const std::string& notice : predictor.notices()) say("note: " + notice);
  }
  // Opened only now: a config or a model that is wrong must not empty the answers of an earlier run.
  RecordWriter writer(arguments.output_path, arguments.format, predictor.config().settings().postprocess);
  ImageFiles files(arguments.image_paths);
  note_interrupts();
  const RunStats stats = run(predictor, files, writer, arguments);
  if (interrupted()) say("interrupted; the images done so far have their records");
  if (!arguments.quiet && stats.images > 0) say(summary(stats, files.skipped(), arguments.output_path));
  if (interrupted()) return kInterrupted;
  if (stats.images == 0) {
    say(no_images(arguments.image_paths, files.skipped()));
    return kNotDone;
  }
  return stats.errors > 0 ? kSomeImagesFailed : kAllFine;
}

int perform(const Arguments& arguments) {
  switch (arguments.action) {
    case Arguments::Action::kShowHelp:
      return print(arguments.help);
    case Arguments::Action::kShowKeys:
      return print(keys_text());
    case Arguments::Action::kShowVersion:
      return print(version_text());
    case Arguments::Action::kClassify:
      return classify(arguments);
  }
  return kNotDone;
}

}  // namespace
}  // namespace ppinfer

int main(int argc, char** argv) {
  using namespace ppinfer;
  std::signal(SIGPIPE, SIG_DFL);  // `| head` ends it without a word, whatever a parent has set
  try {
    return perform(parse_arguments(argc, argv));
  } catch (const UsageError& error) {
    say(error.what());
    std::fprintf(stderr, "%sclas_system -h explains.\n", kUsage);
  } catch (const std::bad_alloc&) {
    say("out of memory");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return kNotDone;
}
