#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>

#include "cli/command_table.hpp"
#include "cli/flags/models.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/values.hpp"
#include "cli/torch/torch_module.hpp"
#include "persona4rec/encode.hpp"
#include "persona4rec/encoder_head.hpp"

namespace persona4rec {
namespace {

class EncodeCommand final : public Command {
 public:
  EncodeCommand()
      : Command({.stage = 0,
                 .name = "encode",
                 .summary = "Turn texts into a .npy matrix, to look at the encoder and to compare it with others.",
                 .reads = "texts, one a line or JSON Lines",
                 .writes = "a .npy matrix, f32 [texts, dimensions]",
                 .needs = "torch",
                 .example = "persona4rec encode --input reviews.jsonl --field text --output reviews.npy",
                 .notes = "Lines and rows give one vector each, in order; an empty line is an empty text. Without\n"
                          "--prefix the folder's default prompt, where it has one, goes before every text, as\n"
                          "sentence-transformers does it (docs/encoders.md)."}) {}

  void add_flags(CLI::App& app) override {
    const char* group = "Inputs and outputs";
    app.add_option("--input", options_.input, "Texts, one a line, or JSON Lines with --field; .gz is taken, - is stdin")
        ->type_name("FILE")
        ->capture_default_str()
        ->group(group);
    app.add_option("-o,--output", options_.output, "Where the matrix goes; - is stdout")
        ->type_name("FILE")
        ->required()
        ->group(group);
    app.add_option("--field", options_.field, "The input is JSON Lines, the text is in this field")
        ->type_name("NAME")
        ->group(group);
    app.add_option(
           "--prefix", options_.prefix,
           "Put before every text, as some models want it (\"query: \"); default: the folder's own default prompt")
        ->type_name("TEXT")
        ->group(group);
    add_choice<Side>(app, "--side", side_,
                     {{"none", Side::kNone}, {"query", Side::kQuery}, {"document", Side::kDocument}},
                     "Apply the trained head of users (query) or personas (document), where the folder has one")
        ->group("Encoder");
    app.add_option("--token-ids", options_.token_ids, "Write the token ids too, one JSON array a text [default: none]")
        ->type_name("FILE")
        ->group("Inputs and outputs");
    app.add_option("--text-store", store_, "Keep vectors in this file and take them from it [default: none]")
        ->type_name("FILE")
        ->group("Encoder");
    encoder_.add(app);
    bad_rows_.add(app);
    force_.add(app);
  }

  void run(const CommandContext& context) override {
    EncoderOptions encoder_options = encoder_.options(context.workspace);
    encoder_options.text_store = store_;
    encoder_options.has_own_prompts = !options_.prefix.empty();
    if (const auto choice = context.workspace.dtype_choice(); std::filesystem::exists(choice))
      encoder_options.dtype_choice = choice;  // a workspace's is taken, but texts of no workspace leave none
    if (side_ == Side::kQuery) options_.side = HeadSide::kQuery;
    if (side_ == Side::kDocument) options_.side = HeadSide::kDocument;
    options_.max_bad_rows = bad_rows_.value;
    options_.force = force_.value;
    options_.progress = context.progress;
    if (!options_.token_ids.empty()) options_.tokenize = open_text_tokenizer(encoder_options);
    std::optional<EncoderHead> head;
    if (options_.side) head = read_encoder_head(encoder_options.folder);
    const auto encoder = open_lazy_encoder(encoder_options, torch_openers());
    const EncodeReport report = encode(options_, *encoder, head ? &*head : nullptr);
    context.summary({.counts = {{"texts", report.counts.texts},
                                {"encoded", report.counts.encoded},
                                {"tokens", report.counts.tokens},
                                {"truncated", report.counts.truncated},
                                {"bad rows skipped", report.bad_rows},
                                {"texts/s", static_cast<std::uint64_t>(std::llround(report.texts_per_second()))},
                                {"tokens/s", static_cast<std::uint64_t>(std::llround(report.tokens_per_second()))}},
                     .wrote = {options_.output},
                     .note = note(report)});
  }

 private:
  enum class Side : std::uint8_t { kNone, kQuery, kDocument };

  [[nodiscard]] std::string note(const EncodeReport& report) const {
    if (!options_.side || report.head_applied) return {};
    return "the encoder has no head, its own vectors were written";
  }

  EncodeOptions options_;
  Side side_ = Side::kNone;
  std::filesystem::path store_;
  EncoderFlags encoder_;
  BadRowsFlag bad_rows_;
  ForceFlag force_;
};

}  // namespace

std::unique_ptr<Command> make_encode_command() {
  return std::make_unique<EncodeCommand>();
}

}  // namespace persona4rec
