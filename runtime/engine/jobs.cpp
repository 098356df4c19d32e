#include "runtime/engine/jobs.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/crm/convert.hpp"

namespace wf::engine {

namespace {

constexpr const char* kJobsMeta = "jobs";
constexpr std::size_t kSubjectsInPiece = 1'000;
constexpr std::size_t kJobsKept = 20;

std::string job_piece(std::uint64_t job, std::uint64_t piece) {
  return "job:" + std::to_string(job) + ":" + std::to_string(piece);
}

void write_job(value::Writer& out, const JobInfo& info) {
  out.varint(info.number);
  out.bytes(info.workflow);
  out.u8(static_cast<std::uint8_t>((info.enroll ? 1 : 0) | (info.finished ? 2 : 0)));
  out.bytes(info.members_of);
  out.varint(info.total);
  out.varint(info.looked_at);
  out.varint(info.done);
  out.zigzag(info.started_at);
  out.zigzag(info.ended_at);
  out.varint(info.refused.size());
  for (const auto& [reason, count] : info.refused) {
    out.bytes(reason);
    out.varint(count);
  }
}

JobInfo read_job(value::Reader& in) {
  JobInfo info;
  info.number = in.varint();
  info.workflow = in.bytes();
  const std::uint8_t flags = in.u8();
  info.enroll = (flags & 1) != 0;
  info.finished = (flags & 2) != 0;
  info.members_of = in.bytes();
  info.total = in.varint();
  info.looked_at = in.varint();
  info.done = in.varint();
  info.started_at = in.zigzag();
  info.ended_at = in.zigzag();
  for (std::size_t n = in.count(2); n > 0; --n) {
    std::string reason(in.bytes());
    info.refused[std::move(reason)] = in.varint();
  }
  return info;
}

}  // namespace

std::size_t end_all(Executor& executor, Record& record, SymbolId workflow, bytecode::EndReason reason,
                    const std::string& detail) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) {
    if (e.workflow == workflow) ids.push_back(e.id);
  }
  for (const std::uint32_t id : ids) executor.end(record, id, reason, detail);
  return ids.size();
}

void Jobs::load() {
  jobs_.clear();
  next_ = 1;
  const auto stored = need(context_.store.meta(kJobsMeta));
  if (!stored) return;
  value::Reader in(*stored);
  next_ = in.varint();
  for (std::size_t n = in.count(8); n > 0; --n) {
    Job job;
    job.info = read_job(in);
    job.workflow = static_cast<SymbolId>(in.varint());
    job.piece = in.varint();
    job.pieces = in.varint();
    job.cursor = in.u64();
    jobs_.push_back(std::move(job));
  }
  if (in.failed() || !in.done()) throw StoreFailure{{ErrorCode::corrupt, "the jobs do not decode"}};
}

void Jobs::save() {
  while (jobs_.size() > kJobsKept && jobs_.front().info.finished) jobs_.erase(jobs_.begin());
  value::Writer out;
  out.varint(next_);
  out.varint(jobs_.size());
  for (const Job& job : jobs_) {
    write_job(out, job.info);
    out.varint(job.workflow);
    out.varint(job.piece);
    out.varint(job.pieces);
    out.u64(job.cursor);
  }
  auto& metas = context_.batch.frame.meta;
  std::erase_if(metas, [](const store::MetaPut& meta) { return meta.key == kJobsMeta; });
  metas.push_back({kJobsMeta, out.take()});
}

std::uint64_t Jobs::begin(const EnrollMany& operation, SymbolId workflow) {
  Job job;
  job.info.number = next_++;
  job.info.workflow = context_.symbols.name(workflow);
  job.info.enroll = operation.enroll;
  job.info.members_of = operation.members_of;
  job.info.total = operation.subjects.size();
  job.info.started_at = context_.now;
  job.workflow = workflow;
  for (std::size_t at = 0; at < operation.subjects.size(); at += kSubjectsInPiece) {
    const std::size_t end = std::min(operation.subjects.size(), at + kSubjectsInPiece);
    value::Writer out;
    out.varint(end - at);
    for (std::size_t i = at; i < end; ++i) out.bytes(operation.subjects[i]);
    context_.batch.frame.meta.push_back({job_piece(job.info.number, job.pieces++), out.take()});
  }
  jobs_.push_back(std::move(job));
  save();
  return jobs_.back().info.number;
}

bool Jobs::is_active() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return !job.info.finished; });
}

std::size_t Jobs::step(std::size_t limit) {
  const auto job =
      std::find_if(jobs_.begin(), jobs_.end(), [](const Job& other) { return !other.info.finished; });
  if (job == jobs_.end()) return 0;
  const std::uint32_t workflow = context_.active->workflow_index(job->workflow);
  std::size_t looked_at = 0;
  if (workflow == kNone) {
    job->info.finished = true;
    job->info.refused["no_workflow"] = 1;
  } else if (job->info.members_of.empty()) {
    looked_at = step_subjects(*job, workflow);
  } else {
    looked_at = step_members(*job, workflow, limit);
  }
  if (job->info.finished) job->info.ended_at = context_.now;
  save();
  return looked_at;
}

void Jobs::treat(Job& job, std::uint32_t workflow, Record& record) {
  if (job.info.enroll) {
    const Entry entry{"by hand, job " + std::to_string(job.info.number), nullptr, 0, nullptr, {}};
    const auto refusal = executor_.try_enroll(record, workflow, entry);
    if (refusal) {
      ++job.info.refused[std::string(*refusal)];
    } else {
      ++job.info.done;
    }
  } else if (end_all(executor_, record, job.workflow, bytecode::EndReason::unenrolled, "by hand") > 0) {
    ++job.info.done;
  } else {
    ++job.info.refused["not_enrolled"];
  }
}

std::size_t Jobs::step_subjects(Job& job, std::uint32_t workflow) {
  const std::uint32_t object = context_.active->program().workflows[workflow].object;
  const std::string name = job_piece(job.info.number, job.piece++);
  const std::string piece = need(context_.store.meta(name)).value_or("");
  value::Reader in(piece);
  const std::size_t count = in.count();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string subject(in.bytes());
    const auto key = context_.find(context_.active->object(object),
                                   crm::identity(context_.active->catalogue().objects[object], subject));
    Record* record = key ? context_.cache.get(*key) : nullptr;
    ++job.info.looked_at;
    if (record == nullptr) {
      ++job.info.refused["no_record"];
    } else {
      treat(job, workflow, *record);
    }
  }
  if (in.failed()) throw StoreFailure{{ErrorCode::corrupt, "a piece of a job does not decode"}};
  context_.batch.frame.meta.push_back({name, ""});
  job.info.finished = job.piece >= job.pieces;
  return count;
}

bool Jobs::is_member(const Job& job, const Record& record) const {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const std::size_t dot = job.info.members_of.find('.');
  const std::string name = job.info.members_of.substr(dot + 1);
  const RecordView view(context_, *context_.active, record);
  if (job.info.members_of.starts_with("list.")) {
    for (std::uint32_t i = 0; i < catalogue.lists.size(); ++i) {
      if (catalogue.lists[i].name == name) return view.in_list(i);
    }
    return false;
  }
  for (const bytecode::Segment& segment : catalogue.segments) {
    if (segment.name == name) {
      return vm::holds(context_.active->program(), segment.condition, view, nullptr, context_.now);
    }
  }
  return false;
}

std::size_t Jobs::step_members(Job& job, std::uint32_t workflow, std::size_t limit) {
  const std::uint32_t object = context_.active->program().workflows[workflow].object;
  const auto page = need(context_.store.scan(job.cursor, limit));
  for (const auto& [key, row] : page) {
    job.cursor = key;
    Record* record = context_.cache.get(key);
    if (record == nullptr || record->object != context_.active->object(object)) continue;
    if (!is_member(job, *record)) continue;
    ++job.info.looked_at;
    treat(job, workflow, *record);
  }
  job.info.finished = page.size() < limit;
  return page.size();
}

std::vector<JobInfo> Jobs::list() const {
  std::vector<JobInfo> list;
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) list.push_back(job->info);
  return list;
}

}  // namespace wf::engine
