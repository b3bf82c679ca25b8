#include "cli/flags/language_model.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "asking/shard.hpp"
#include "cli/console.hpp"
#include "cli/flags/values.hpp"
#include "cli/resources.hpp"
#include "offline/offline_client.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

namespace {

namespace fs = std::filesystem;

// Of the working directory, else of what comes with the program. Empty when there is none.
fs::path default_prices() {
  const fs::path prices = "configs/prices.json";
  std::error_code ignored;
  return fs::is_regular_file(prices, ignored) ? prices : find_resource(prices);
}

LlmMode batch_mode(const std::string& word) {
  if (word == "export") return LlmMode::kBatchExport;
  if (word == "import") return LlmMode::kBatchImport;
  if (word == "submit") return LlmMode::kBatchSubmit;
  if (word == "collect") return LlmMode::kBatchCollect;
  throw usage_error("--batch: expected export FILE, import FILE.., submit or collect, got \"" + word + "\"");
}

}  // namespace

void LlmFlags::add(CLI::App& app, AnswerOptions& answers) {
  add_provider(app);
  add_answers(app, answers);
  add_limits(app);
  add_modes(app);
}

void LlmFlags::add_provider(CLI::App& app) {
  const char* group = "Language model";
  provider_ = add_choice<LlmProvider>(
                  app, "--llm", options_.provider, {{"offline", LlmProvider::kOffline}, {"http", LlmProvider::kHttp}},
                  "Who answers: the program itself without a model, or an OpenAI-compatible service")
                  ->group(group);
  app.add_option("--llm-base-url", options_.base_url,
                 "Address of the service [default: $OPENAI_BASE_URL, else https://api.openai.com/v1]; its key comes "
                 "from $OPENAI_API_KEY")
      ->type_name("URL")
      ->group(group);
  app.add_option("--llm-model", options_.model, "Model, as the service calls it")->type_name("NAME")->group(group);
  app.add_option("--llm-prices", options_.prices, "Price list [default: configs/prices.json]")
      ->type_name("FILE")
      ->group(group);
  store_.add(app, "--llm-store", "Where answers are kept, so that nothing is paid for twice");
  app.add_flag("--refresh", options_.refresh, "Ask again what the store has an answer for")->group(group);
  app.add_flag("--no-store", no_store_, "Keep no answers beyond this run")->group(group);
}

void LlmFlags::add_answers(CLI::App& app, AnswerOptions& answers) {
  const char* group = "Language model";
  add_number(app, "--temperature", answers.sampling.temperature, {.min = 0, .max = 2}, "Sampling temperature")
      ->group(group);
  add_number(app, "--max-tokens", answers.sampling.max_tokens, {.min = 1}, "Tokens that an answer may take")
      ->group(group);
  app.add_option("--reasoning-effort", answers.sampling.reasoning_effort,
                 "How much a model that thinks is to think (minimal, low, ..), as its service calls it")
      ->type_name("WORD")
      ->group(group);
  add_choice<AnswerFormat>(
      app, "--answer-format", options_.answer_format,
      {{"schema", AnswerFormat::kJsonSchema}, {"object", AnswerFormat::kJsonObject}, {"text", AnswerFormat::kPlain}},
      "How the service is asked for JSON; where it refuses, the next one is tried")
      ->group(group);
  add_number(app, "--max-attempts", options_.max_attempts, {.min = 1},
             "Answers that a request gets before it is set aside")
      ->group(group);
  max_rejects_ = add_number(app, "--max-rejects", answers.max_rejects, {},
                            "Requests that may be set aside before the run fails; where given, it ends as soon as more "
                            "are")
                     ->group(group);
  answers_ = &answers;
  const auto set_shard = [&answers](const std::string& text) { answers.shard = parse_shard(text); };
  app.add_option_function<std::string>("--shard", set_shard,
                                       "Part i of n of the rows, to share the work among machines")
      ->type_name("I/N")
      ->group(group);
}

void LlmFlags::add_limits(CLI::App& app) {
  const char* group = "Pace and budget of the language model";
  add_number(app, "--concurrency", options_.concurrency, {.min = 1, .max = 512}, "Requests at once")->group(group);
  add_number(app, "--rpm", options_.requests_per_minute, {.min = 0}, "Requests a minute; 0 = no limit")->group(group);
  add_number(app, "--tpm", options_.tokens_per_minute, {.min = 0}, "Tokens a minute; 0 = no limit")->group(group);
  add_number(app, "--timeout", options_.timeout_s, {.min = 0.001}, "Seconds that a request may take")->group(group);
  add_number(app, "--max-outage", options_.max_outage_s, {.min = 0.001},
             "Seconds without any answer until the run gives up (a service that never answered: at most 15)")
      ->group(group);
  add_number(app, "--max-cost", options_.max_cost_usd, {.min = 0}, "US dollars that this run may spend; never exceeded")
      ->group(group);
  add_number(app, "--max-tokens-total", options_.max_tokens_total, {},
             "Tokens, of prompts and answers, that this run may use; never exceeded")
      ->group(group);
}

void LlmFlags::add_modes(CLI::App& app) {
  const char* group = "Instead of asking the language model";
  app.add_flag("--estimate", estimate_, "Print requests, tokens and cost; send and write nothing")
      ->group(group)
      ->configurable(false);
  add_number(app, "--dump-prompts", dump_prompts_, {.min = 1}, "Print the first N prompts; send and write nothing")
      ->default_str("")
      ->group(group)
      ->configurable(false);
  app.add_option(
         "--batch", batch_,
         "export FILE: write what is unanswered as batch files; import FILE..: take answers from files; submit: "
         "upload it as batches; collect: wait for them")
      ->type_name("WHAT")
      ->expected(1, -1)
      ->default_str("")
      ->group(group)
      ->configurable(false);
}

LlmOptions LlmFlags::options(const CommandContext& context) const {
  LlmOptions options = options_;
  if (static_cast<int>(estimate_) + static_cast<int>(dump_prompts_ > 0) + static_cast<int>(!batch_.empty()) > 1)
    throw usage_error("--estimate, --dump-prompts and --batch exclude each other");
  if (max_rejects_->count() > 0) options.max_rejects = answers_->max_rejects;
  options.store = store_.in(context.workspace);
  options.keep_answers = !no_store_;
  if (options.prices.empty()) options.prices = default_prices();
  options.progress = context.progress;
  options.print = print_result;
  if (estimate_) options.mode = LlmMode::kEstimate;
  if (dump_prompts_ > 0) options.mode = LlmMode::kDumpPrompts;
  if (dump_prompts_ > 0) options.dump_prompts = dump_prompts_;
  if (!batch_.empty()) {
    options.mode = batch_mode(batch_.front());
    options.provider = LlmProvider::kHttp;  // there is no other that has batches
    options.batch_files.assign(batch_.begin() + 1, batch_.end());
  }
  const bool asks = options.mode == LlmMode::kAsk || options.mode == LlmMode::kEstimate;
  if (asks && options.provider == LlmProvider::kOffline && !options.model.empty() && provider_->count() == 0)
    throw usage_error("--llm-model needs --llm http: the offline provider, which is the default, uses no model");
  return options;
}

std::unique_ptr<ChatClient> LlmFlags::client(const CommandContext& context) const {
  const LlmOptions chosen = options(context);
  if (chosen.provider == LlmProvider::kOffline && chosen.mode == LlmMode::kAsk)
    return std::make_unique<OfflineClient>();
  return make_chat_client(chosen);
}

void MergeFlag::add(CLI::App& app) {
  add_number(app, "--merge", shards_, {.min = 2}, "Put the outputs of N shards together; ask nothing")
      ->default_str("")
      ->group("Instead of asking the language model")
      ->configurable(false);
}

void MergeFlag::run(const CommandContext& context, const std::vector<std::filesystem::path>& artifacts) const {
  StageSummary summary{.counts = {{"shards", shards_}}, .wrote = artifacts};
  for (const auto& artifact : artifacts) {
    const auto report = merge_shards(artifact, shards_);
    const auto name = artifact.filename().string();
    summary.counts.emplace_back("rows of " + name, report.rows);
    if (report.rejects > 0) summary.counts.emplace_back("rejects of " + name, report.rejects);
  }
  context.summary(summary);
}

}  // namespace persona4rec
