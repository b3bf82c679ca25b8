// The language model that answers: which provider, how fast, how much it may cost, and where answers are kept.
//
// Reads: OPENAI_API_KEY (the only place a key comes from), OPENAI_BASE_URL, the proxy and CA variables that curl knows,
// configs/prices.json. Writes: the reply store (a SQLite file, docs/llm.md), batch files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/chat_client.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

enum class LlmProvider : std::uint8_t {
  kOffline,  // no model, no network
  kHttp,     // any server that speaks OpenAI's chat completions
};

enum class LlmMode : std::uint8_t {
  kAsk,
  kEstimate,      // counts what would be asked and what it would cost; nothing is sent, the stage writes nothing
  kDumpPrompts,   // prints the first prompts; nothing is sent, the stage writes nothing
  kBatchExport,   // writes what is unanswered as OpenAI Batch JSONL; the stage writes nothing
  kBatchImport,   // takes answers from batch output files, then the stage writes its artifact
  kBatchSubmit,   // uploads what is unanswered and creates batches; the stage writes nothing
  kBatchCollect,  // waits for the batches, takes their answers, then the stage writes its artifact
};

// How the service is asked for the structure of an answer, best first. Every answer is checked all the same.
enum class AnswerFormat : std::uint8_t {
  kJsonSchema,  // response_format json_schema, strict
  kJsonObject,  // response_format json_object, the schema in the prompt
  kPlain,       // the schema in the prompt
};

struct LlmOptions {
  LlmProvider provider = LlmProvider::kOffline;
  LlmMode mode = LlmMode::kAsk;

  std::string base_url;  // up to and without "/chat/completions"; empty = $OPENAI_BASE_URL, else OpenAI's own
  std::string model;     // required for kHttp

  std::filesystem::path store;  // the reply store, <workspace>/llm.sqlite
  bool keep_answers = true;     // false: a temporary store beside it, which is removed
  bool refresh = false;         // true: stored answers are asked again

  std::uint64_t concurrency = 32;                          // requests in flight, 1..512
  std::uint64_t max_attempts = 5;                          // answers a request may get before it is set aside, >= 1
  AnswerFormat answer_format = AnswerFormat::kJsonSchema;  // to begin with; a service that refuses it gets a weaker one
  std::optional<std::uint64_t> max_rejects;  // the run ends as soon as more are set aside; nothing = all is asked
  double timeout_s = 300;                    // of one request, > 0
  double max_outage_s = 300;       // seconds without any success until the run ends; a service that never answered: 15
  double requests_per_minute = 0;  // 0 = no limit
  double tokens_per_minute = 0;    // prompt and answer together; 0 = no limit

  std::optional<double> max_cost_usd;             // of this run, >= 0; nothing = no limit. Needs a price of the model
  std::optional<std::uint64_t> max_tokens_total;  // of this run, prompt and answer together; nothing = no limit
  std::filesystem::path prices;                   // prices.json; empty = no price is known

  std::vector<std::filesystem::path> batch_files;  // kBatchExport: one; kBatchImport: one or more
  std::uint64_t dump_prompts = 1;                  // kDumpPrompts: how many

  ProgressFn progress;                          // may be empty
  std::function<void(std::string_view)> print;  // where estimates and dumped prompts go; REQUIRED for those modes
};

// Throws Error kUsage (options that make no sense together), kOutput (the store cannot be used: another process holds
// it, damaged, read-only, not a store), kInput (prices.json is broken). The client belongs to one thread.
// REQUIRES: a service, or a mode that only looks at requests; answers without a model come from src/offline.
[[nodiscard]] std::unique_ptr<ChatClient> make_chat_client(const LlmOptions& options);

}  // namespace persona4rec
