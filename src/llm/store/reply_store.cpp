#include "llm/store/reply_store.hpp"

#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/version.hpp"
#include "llm/store/sqlite.hpp"
#include "llm/store/store_file.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPutReply =
    "INSERT INTO replies VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET stage=excluded.stage, "
    "label=excluded.label, state=excluded.state, reply=excluded.reply, finish_reason=excluded.finish_reason, "
    "reason=excluded.reason, attempts=excluded.attempts, doubled=excluded.doubled, "
    "prompt_tokens=excluded.prompt_tokens, completion_tokens=excluded.completion_tokens, "
    "prompt_bytes=excluded.prompt_bytes, cost_usd=excluded.cost_usd, run=excluded.run, "
    "finished_ms=excluded.finished_ms";

constexpr const char* kFindReply =
    "SELECT state, reply, finish_reason, reason, attempts, doubled, prompt_tokens IS NOT NULL, prompt_tokens, "
    "completion_tokens, prompt_bytes, cost_usd IS NOT NULL, cost_usd, run, finished_ms FROM replies WHERE key = ?";

const char* state_name(ReplyState state) {
  if (state == ReplyState::kAccepted) return "ok";
  return state == ReplyState::kOpen ? "open" : "rejected";
}

ReplyState state_of(std::string_view name) {
  if (name == "ok") return ReplyState::kAccepted;
  return name == "open" ? ReplyState::kOpen : ReplyState::kRejected;
}

}  // namespace

std::string key_bytes(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

// Commits rows on a thread of its own.
class ReplyStore::Writer {
 public:
  Writer(const fs::path& path, bool temporary) : database_(path) {
    set_up_connection(database_, temporary);
    put_reply_.emplace(database_, kPutReply);
    put_spend_.emplace(database_, "INSERT OR REPLACE INTO spend VALUES (?,?,?,?,?,?,?)");
    thread_ = std::thread([this] { work(); });
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  using Row = std::variant<ReplyRow, Spend>;

  void add(std::vector<Row>&& rows, std::int64_t run) {
    {
      const std::lock_guard lock(mutex_);
      if (error_) std::rethrow_exception(error_);
      queue_.insert(queue_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
      added_ += rows.size();
      run_ = run;
    }
    changed_.notify_all();
  }

  void throw_if_failed() {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(error_);
  }

  void wait_until_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return committed_ == added_ || error_; });
    if (error_) std::rethrow_exception(error_);
  }

  std::uint64_t committed() {
    const std::lock_guard lock(mutex_);
    return committed_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const std::vector<Row> rows = std::exchange(queue_, {});
      const std::int64_t run = run_;
      lock.unlock();
      const auto error = try_to_commit(rows, run);
      lock.lock();
      if (error) error_ = error;
      if (!error) committed_ += rows.size();
      changed_.notify_all();
      if (error) return;
    }
  }

  std::exception_ptr try_to_commit(const std::vector<Row>& rows, std::int64_t run) {
    try {
      database_.exec("BEGIN IMMEDIATE");
      for (const auto& row : rows) std::visit([&](const auto& each) { write(each, run); }, row);
      database_.exec("COMMIT");
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  void write(const ReplyRow& row, std::int64_t run) {
    const Reply& reply = row.reply;
    auto& put = put_reply_.value().restart().blob(key_bytes(row.key)).text(row.stage).text(row.label);
    put.text(state_name(reply.state)).text(reply.text).text(reply.finish_reason).text(reply.reason);
    put.integer(static_cast<std::int64_t>(reply.attempts)).integer(reply.doubled ? 1 : 0);
    if (reply.use) {
      put.integer(static_cast<std::int64_t>(reply.use->prompt))
          .integer(static_cast<std::int64_t>(reply.use->completion));
    } else {
      put.null().null();
    }
    put.integer(static_cast<std::int64_t>(reply.prompt_bytes))
        .real(reply.cost_usd)
        .integer(run)
        .integer(unix_milliseconds());
    put.step();
  }

  void write(const Spend& spend, std::int64_t run) {
    auto& put = put_spend_.value().restart().integer(run).text(spend.stage);
    put.integer(static_cast<std::int64_t>(spend.requests)).integer(static_cast<std::int64_t>(spend.use.prompt));
    put.integer(static_cast<std::int64_t>(spend.use.completion)).real(spend.cost_usd).real(spend.unsettled_usd);
    put.step();
  }

  Database database_;  // of the thread, once it runs
  std::optional<Statement> put_reply_;
  std::optional<Statement> put_spend_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Row> queue_;
  std::uint64_t added_ = 0;
  std::uint64_t committed_ = 0;
  std::int64_t run_ = 0;
  bool stop_ = false;
  std::exception_ptr error_;

  std::thread thread_;
};

struct ReplyStore::State {
  State(const fs::path& path, bool temporary_store)
      : temporary(temporary_store), file(path), lock(path), database(path) {}

  bool temporary;
  fs::path file;
  StoreLock lock;
  Database database;
  std::optional<Statement> find_reply;
  std::unique_ptr<Writer> writer;
  std::vector<Writer::Row> tick;
  std::uint64_t rows_put = 0;
  std::int64_t run = 0;
};

ReplyStore::ReplyStore(const fs::path& path, bool temporary) {
  const fs::path store = fs::absolute(path);
  std::error_code error;
  fs::create_directories(store.parent_path(), error);
  if (temporary) remove_stale_stores(store);
  const fs::path file = temporary ? temporary_store_path(store, ::getpid()) : store;
  state_ = std::make_unique<State>(file, temporary);
  set_up_connection(state_->database, temporary);
  open_schema(state_->database);
  state_->find_reply.emplace(state_->database, kFindReply);
  state_->writer = std::make_unique<Writer>(file, temporary);
}

ReplyStore::~ReplyStore() {
  if (!state_) return;
  const bool temporary = state_->temporary;
  const fs::path file = state_->file;
  state_->writer.reset();  // commits what is queued
  state_.reset();
  if (temporary) remove_store(file);
}

void ReplyStore::begin_run(const std::string& model) {
  flush();
  Statement insert(state_->database, "INSERT INTO runs(model, version, started_ms) VALUES (?,?,?)");
  insert.text(model).text(version()).integer(unix_milliseconds()).step();
  state_->run = std::stoll(state_->database.ask("SELECT last_insert_rowid()"));
}

void ReplyStore::resume_run(std::int64_t run) {
  flush();
  state_->run = run;
}

std::int64_t ReplyStore::run() const {
  return state_->run;
}

bool ReplyStore::temporary() const {
  return state_->temporary;
}

std::optional<Reply> ReplyStore::find(std::string_view key) {
  Statement& find = state_->find_reply.value();
  if (!find.restart().blob(key_bytes(key)).step()) return std::nullopt;
  Reply reply;
  reply.state = state_of(find.text_at(0));
  reply.text = find.text_at(1);
  reply.finish_reason = find.text_at(2);
  reply.reason = find.text_at(3);
  reply.attempts = static_cast<std::uint64_t>(find.integer_at(4));
  reply.doubled = find.integer_at(5) != 0;
  if (find.integer_at(6) != 0)
    reply.use = TokenUse{.prompt = static_cast<std::uint64_t>(find.integer_at(7)),
                         .completion = static_cast<std::uint64_t>(find.integer_at(8))};
  reply.prompt_bytes = static_cast<std::uint64_t>(find.integer_at(9));
  reply.cost_usd = find.integer_at(10) != 0 ? find.real_at(11) : std::numeric_limits<double>::quiet_NaN();
  reply.run = find.integer_at(12);
  reply.finished_ms = find.integer_at(13);
  find.restart();  // or its read transaction would keep the log from being emptied
  return reply;
}

std::uint64_t ReplyStore::put(ReplyRow row) {
  state_->tick.emplace_back(std::move(row));
  return ++state_->rows_put;
}

std::uint64_t ReplyStore::put(Spend spend) {
  state_->tick.emplace_back(std::move(spend));
  return ++state_->rows_put;
}

void ReplyStore::end_tick() {
  if (state_->tick.empty()) return state_->writer->throw_if_failed();
  state_->writer->add(std::exchange(state_->tick, {}), state_->run);
}

void ReplyStore::flush() {
  end_tick();
  state_->writer->wait_until_idle();
}

std::uint64_t ReplyStore::committed() const {
  return state_->writer->committed();
}

std::uint64_t ReplyStore::pending() const {
  return state_->rows_put - committed();
}

UsageHistory ReplyStore::usage(const std::string& stage, const std::string& model) {
  Statement sum(
      state_->database,
      "SELECT count(*), total(prompt_bytes), total(prompt_tokens), total(completion_tokens) FROM replies JOIN "
      "runs USING (run) WHERE stage = ? AND model = ? AND prompt_tokens IS NOT NULL");
  sum.text(stage).text(model).step();
  const auto count = [&](int column) { return static_cast<std::uint64_t>(sum.integer_at(column)); };
  return {.replies = count(0), .prompt_bytes = count(1), .use = {.prompt = count(2), .completion = count(3)}};
}

bool ReplyStore::has_answers(const std::string& stage, const std::string& model) {
  Statement find(state_->database,
                 "SELECT 1 FROM replies JOIN runs USING (run) WHERE stage = ? AND model = ? AND state = 'ok' LIMIT 1");
  return find.text(stage).text(model).step();
}

double ReplyStore::total_cost() {
  Statement sum(state_->database, "SELECT count(*) = count(cost_usd), total(cost_usd) FROM spend");
  sum.step();
  return sum.integer_at(0) != 0 ? sum.real_at(1) : std::numeric_limits<double>::quiet_NaN();
}

Database& ReplyStore::database() {
  return state_->database;
}

}  // namespace persona4rec
