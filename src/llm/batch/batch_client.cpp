#include "llm/batch/batch_client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/format.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "llm/http/http_client.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr double kFirstPollS = 2;
constexpr double kLongestPollS = 60;

LlmOptions checked_batch_options(const LlmOptions& options) {
  check_service_options(options);
  if (!options.keep_answers) throw usage_error("--batch needs the reply store: it does not go with --no-store");
  const std::size_t files = options.batch_files.size();
  if (options.mode == LlmMode::kBatchExport && files != 1) throw usage_error("--batch export needs one FILE");
  if (options.mode == LlmMode::kBatchImport && files == 0) throw usage_error("--batch import needs a FILE");
  return options;
}

std::string count_of(std::uint64_t count, const char* what) {
  return with_commas(count) + " " + what;
}

// The stream again, after its first request was looked at.
RequestStream with_first(std::optional<ChatRequest> first, const RequestStream& rest) {
  auto shared = std::make_shared<std::optional<ChatRequest>>(std::move(first));
  return [shared, &rest]() -> std::optional<ChatRequest> {
    if (!*shared) return rest();
    return std::exchange(*shared, std::nullopt);
  };
}

}  // namespace

BatchClient::BatchClient(const LlmOptions& options, BatchLimits limits)
    : options_(checked_batch_options(options)),
      limits_(limits),
      store_(options_.store, false),
      book_(store_, {.model = options_.model, .max_attempts = options_.max_attempts, .refresh = options_.refresh}),
      ledger_(store_.database()),
      budget_(make_budget(options_, true)),
      form_(ledger_.form(options_.model, form_of_model(options_.model, options_.answer_format))) {}

bool BatchClient::has_outcomes() const {
  return options_.mode == LlmMode::kBatchImport || options_.mode == LlmMode::kBatchCollect;
}

void BatchClient::ask(const RequestStream& requests) {
  static_cast<void>(run_of(options_.model));
  if (options_.mode == LlmMode::kBatchExport) return export_files(requests);
  if (options_.mode == LlmMode::kBatchSubmit) return submit(requests);
  import(requests);
}

bool BatchClient::for_each_open(const RequestStream& requests, const Add& add) {
  while (const auto request = requests()) {
    throw_if_stopped();
    const std::string key = book_.key(*request);
    const Standing standing = book_.look_up(*request, key);
    store_.end_tick();
    if (standing.is_settled()) ++totals_.stored;
    if (standing.is_settled() || ledger_.is_waiting(key) || !ledger_.is_new(key)) continue;
    const TokenUse most = most_tokens(*request, standing.next);
    if (!budget_.fits(most)) return false;
    budget_.reserve(most);
    add(*request, key, request_body(options_.model, *request, standing.next, form_));
    ++totals_.requests;
    if (options_.progress) options_.progress({.what = "requests", .done = totals_.requests, .total = 0, .detail = {}});
  }
  return true;
}

std::string BatchClient::over_budget() const {
  return "at their worst " + with_commas(totals_.requests + 1) +
         " requests would cost more than the budget allows: " + budget_.describe();
}

// ---- export

void BatchClient::export_files(const RequestStream& requests) {
  BatchWriter writer(options_.batch_files.front(), limits_);
  const auto add = [&](const ChatRequest&, const std::string& key, const std::string& body) { writer.add(key, body); };
  if (!for_each_open(requests, add)) throw Error(ErrorKind::kService, over_budget() + ". Nothing was written");
  store_.flush();
  for (const auto& part : writer.commit())
    log_info("batch export: " + count_of(part.requests, "requests in ") + part.path.string());
}

// ---- submit

void BatchClient::submit(const RequestStream& requests) {
  BatchService service(options_);
  send_what_was_left(service);
  std::optional<BatchWriter> writer;
  std::vector<std::string> keys;
  BatchPart part;
  const auto close_part = [&] {
    if (!writer) return;
    part.requests = writer->commit().front().requests;
    ledger_.prepared(part, keys);
    writer.reset();
    keys.clear();
    send(service, part);
  };
  const bool all = for_each_open(requests, [&](const ChatRequest& request, const std::string& key, const auto& body) {
    if (writer && writer->is_full(body)) close_part();
    if (!writer) {
      part = {.part = ledger_.next_part(), .stage = request.stage, .model = options_.model};
      writer.emplace(part_file(part.part, ".jsonl"), limits_);
    }
    writer->add(key, body);
    keys.push_back(key);
  });
  close_part();
  store_.flush();
  if (totals_.requests == 0) log_info("batch submit: nothing is open");
  if (!all) throw Error(ErrorKind::kService, over_budget() + ". What fits was submitted; --batch collect brings it");
}

void BatchClient::send_what_was_left(BatchService& service) {
  for (auto& part : ledger_.parts(PartState::kPrepared)) send(service, part);
  for (auto& part : ledger_.parts(PartState::kUploaded)) send(service, part);
}

void BatchClient::send(BatchService& service, BatchPart part) {
  const fs::path file = part_file(part.part, ".jsonl");
  std::error_code ignored;
  std::optional<BatchStatus> made;
  if (!part.input_file_id.empty()) {
    made = service.find(part.input_file_id);  // killed after creating it?
    if (!made) made = service.create(part.input_file_id);
  }
  if (!made && !fs::exists(file, ignored)) return lose(part, "its file");
  if (!made) {
    part.input_file_id = service.upload(file);
    ledger_.uploaded(part.part, part.input_file_id);
    made = service.create(part.input_file_id);
  }
  if (!made) return lose(part, "its file");
  ledger_.created(part.part, made->id);
  fs::remove(file, ignored);
  log_info("batch submit: " + count_of(part.requests, "requests as ") + made->id);
}

// Its requests are open again.
void BatchClient::lose(const BatchPart& part, const std::string& what) {
  log_warning("batch " + (part.batch_id.empty() ? "part " + std::to_string(part.part) : part.batch_id) + ": " + what +
              " is not there (any more), or belongs to another account; its " +
              count_of(part.requests, "requests are open again where they have no answer"));
  ledger_.done(part.part, BatchLedger::kLost);
}

fs::path BatchClient::part_file(std::int64_t part, const char* suffix) const {
  return options_.store.parent_path() / (options_.store.stem().string() + ".batch") /
         ("part-" + std::to_string(part) + suffix);
}

// ---- import and collect

void BatchClient::import(const RequestStream& requests) {
  BatchImport importing(store_, options_.max_attempts, options_.refresh);
  auto first = requests();
  const std::string stage = first ? first->stage : "";
  if (options_.mode == LlmMode::kBatchImport)
    for (const auto& file : options_.batch_files) importing.file(file, origin_of_answers(options_.model, stage));
  else
    collect(importing);
  store_.resume_run(run_of(options_.model));
  const BatchImportCounts& counts = importing.counts();
  first_failure_ = counts.first_failure;
  log_info("batch: " + count_of(counts.answers, "answers, ") + count_of(counts.known, "known already, ") +
           count_of(counts.failures, "failures, ") + count_of(counts.foreign, "lines of other batches"));
  require_all(with_first(std::move(first), requests));
}

void BatchClient::require_all(const RequestStream& requests) {
  std::uint64_t open = 0;
  std::uint64_t all = 0;
  while (const auto request = requests()) {
    throw_if_stopped();
    ++all;
    if (!book_.look_up(*request, book_.key(*request)).is_settled()) ++open;
    store_.end_tick();
  }
  store_.flush();
  totals_.stored = all - open;
  if (open == 0) return;
  throw Error(ErrorKind::kService,
              with_commas(open) + " of " + count_of(all, "requests have no usable answer yet") +
                  (first_failure_.empty() ? "" : " (a failure of the batch: " + first_failure_ + ")") +
                  ". What came is kept: --batch export or submit again takes just the rest, and without --batch they "
                  "are asked one by one");
}

void BatchClient::collect(BatchImport& importing) {
  BatchService service(options_);
  auto open = ledger_.parts(PartState::kCreated);
  const auto unsent = ledger_.parts(PartState::kPrepared).size() + ledger_.parts(PartState::kUploaded).size();
  if (unsent > 0) log_warning("batch collect: a submit was cut short; run --batch submit again to send the rest");
  for (double pause_s = kFirstPollS; !open.empty(); pause_s = std::min(1.5 * pause_s, kLongestPollS)) {
    ProgressUpdate progress{.what = "batch answers", .done = 0, .total = 0, .detail = {}};
    std::erase_if(open, [&](const BatchPart& part) {
      const auto status = service.get(part.batch_id);
      if (!status) {
        lose(part, "it");
        return true;
      }
      progress.done += status->completed + status->failed;
      progress.total += std::max(status->total, part.requests);
      progress.detail = part.batch_id + " " + status->status;
      if (status->is_over()) collect_part(service, part, *status, importing);
      return status->is_over();
    });
    if (options_.progress) options_.progress(progress);
    if (!open.empty()) BatchService::pause(pause_s);
  }
}

void BatchClient::collect_part(BatchService& service, const BatchPart& part, const BatchStatus& status,
                               BatchImport& importing) {
  if (status.status != "completed")
    log_warning("batch " + status.id + ": " + status.status + (status.errors.empty() ? "" : ": " + status.errors) +
                "; answers that it finished are kept");
  const fs::path file = part_file(part.part, ".answers.jsonl");
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  store_.resume_run(run_of(part.model));
  BatchOrigin origin = origin_of_answers(part.model, part.stage);
  origin.submitted_ms = part.submitted_ms;
  origin.batch = part.batch_id;
  bool lost = false;
  for (const auto& id : {status.output_file_id, status.error_file_id}) {
    if (id.empty()) continue;
    if (service.download(id, file))
      importing.file(file, origin);
    else
      lost = true;
    fs::remove(file, ignored);
  }
  lost ? lose(part, "a file of its answers") : ledger_.done(part.part, status.status);
}

// Each model has a run of its own: what it cost stands under its name.
std::int64_t BatchClient::run_of(const std::string& model) {
  const auto known = runs_.find(model);
  if (known != runs_.end()) return known->second;
  store_.begin_run(model);
  return runs_[model] = store_.run();
}

BatchOrigin BatchClient::origin_of_answers(const std::string& model, const std::string& stage) {
  const ServerForm form = ledger_.form(model, form_of_model(model, options_.answer_format));
  return {.stage = stage, .model = model, .price = find_price(options_.prices, model, true), .form = form};
}

}  // namespace persona4rec
