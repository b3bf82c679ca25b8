// `--batch export|import|submit|collect`: the same requests and the same reply store as `--llm http`, answered by the
// OpenAI Batch API at half the price, or by vLLM's run-batch.
//
//   export   writes what has no answer yet as batch files             (no outcomes: the stage writes nothing)
//   import   takes answers from files; then the stage goes on
//   submit   export, upload, create                                   (no outcomes)
//   collect  waits for what was submitted, takes its answers; then the stage goes on
//
// An answer is judged when the stage asks for it, as any stored reply is: one that fails its check is exported again,
// with the error appended. What waits in a batch is noted in the store, so that submit and collect can be stopped
// anywhere and run again. Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "llm/batch/batch_file.hpp"
#include "llm/batch/batch_import.hpp"
#include "llm/batch/batch_ledger.hpp"
#include "llm/batch/batch_service.hpp"
#include "llm/money/budget.hpp"
#include "llm/store/answer_book.hpp"
#include "llm/store/reply_store.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class BatchClient final : public ChatClient {
 public:
  // Throws as HttpClient does. `limits`: of one file; smaller ones are for tests.
  explicit BatchClient(const LlmOptions& options, BatchLimits limits = {});

  [[nodiscard]] std::string model() const override { return options_.model; }
  // Throws Error kService where outcomes are promised and some request has none: what to do stands in the message.
  void ask(const RequestStream& requests) override;
  [[nodiscard]] bool has_outcomes() const override;
  [[nodiscard]] bool has_answer(const ChatRequest& request) override { return book_.has_answer(request); }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest& request) override { return book_.outcome(request); }
  [[nodiscard]] ChatTotals totals() const override { return totals_; }

 private:
  using Add = std::function<void(const ChatRequest&, const std::string& key, const std::string& body)>;

  void export_files(const RequestStream& requests);
  void submit(const RequestStream& requests);
  void import(const RequestStream& requests);

  // Calls `add` once for every request that has no outcome and waits in no batch. False: the budget ended it.
  bool for_each_open(const RequestStream& requests, const Add& add);
  void require_all(const RequestStream& requests);
  void collect(BatchImport& importing);
  void collect_part(BatchService& service, const BatchPart& part, const BatchStatus& status, BatchImport& importing);
  void send(BatchService& service, BatchPart part);
  void lose(const BatchPart& part, const std::string& what);
  [[nodiscard]] std::int64_t run_of(const std::string& model);
  [[nodiscard]] BatchOrigin origin_of_answers(const std::string& model, const std::string& stage);
  void send_what_was_left(BatchService& service);
  [[nodiscard]] std::filesystem::path part_file(std::int64_t part, const char* suffix) const;
  [[nodiscard]] std::string over_budget() const;

  LlmOptions options_;
  BatchLimits limits_;
  ReplyStore store_;
  AnswerBook book_;
  BatchLedger ledger_;
  Budget budget_;
  ServerForm form_;                           // in which requests are written
  std::map<std::string, std::int64_t> runs_;  // by model
  ChatTotals totals_;
  std::string first_failure_;
};

}  // namespace persona4rec
