//! The state machine: what the commands of a log lead to, the same on every server.

use serde::{Deserialize, Serialize};

use super::transaction::{
    Command, Event, Item, Key, LeaseId, Operation, Outcome, Refusal, Request, Revision, Transaction,
};

/// The changes behind a revision are no longer known: it lies before this one.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Compacted {
    /// The first revision whose state is still known.
    pub at: Revision,
}

/// A right that ends unless it is renewed; keys go with it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lease {
    /// Which.
    pub id: LeaseId,
    /// How long it lasts without a renewal.
    pub lasts_us: u64,
    /// How often it has been renewed.
    pub renewals: u64,
}

/// The last request of a client, and what came of it: a retry gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Session {
    client: u16,
    number: u32,
    outcome: Outcome,
}

/// The store as of a place of the log. It is serialised whole, for snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Store {
    revision: Revision,
    /// What was before this revision is forgotten.
    compacted: Revision,
    /// The changes in order. Of those up to `compacted`, the last of each key that is still there.
    tape: Vec<Event>,
    leases: Vec<Lease>,
    sessions: Vec<Session>,
}

impl Store {
    /// Returns the present revision.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Returns the first revision whose state is still known.
    pub fn compacted(&self) -> Revision {
        self.compacted
    }

    /// Lists the leases, in the order in which they were granted.
    pub fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// Lists the changes that are still known, in order.
    pub fn tape(&self) -> &[Event] {
        &self.tape
    }

    /// Returns what is under a key.
    pub fn get(&self, key: Key) -> Option<&Item> {
        self.tape.iter().rev().find(|event| event.key == key)?.item.as_ref()
    }

    /// Lists what is there, by key: what a read of everything returns.
    pub fn items(&self) -> Vec<(Key, Item)> {
        // The present is never compacted away.
        self.items_at(self.revision).unwrap_or_default()
    }

    /// Lists what was there as of a revision, by key.
    ///
    /// # Errors
    /// That revision may have been compacted away.
    pub fn items_at(&self, revision: Revision) -> Result<Vec<(Key, Item)>, Compacted> {
        if revision < self.compacted {
            return Err(Compacted { at: self.compacted });
        }
        let until = self.tape.partition_point(|event| event.revision <= revision);
        let mut items: Vec<(Key, Item)> = Vec::new();
        for event in &self.tape[..until] {
            items.retain(|(key, _)| *key != event.key);
            items.extend(event.item.map(|item| (event.key, item)));
        }
        items.sort_unstable_by_key(|(key, _)| *key);
        Ok(items)
    }

    /// Returns the changes behind a revision, in order; none if it has not been reached yet.
    ///
    /// # Errors
    /// Some of them may have been compacted away.
    pub fn since(&self, revision: Revision) -> Result<&[Event], Compacted> {
        if revision < self.compacted {
            return Err(Compacted { at: self.compacted });
        }
        Ok(&self.tape[self.tape.partition_point(|event| event.revision <= revision)..])
    }

    /// Returns what came of a client's request, if it is the last one of theirs that was made.
    pub fn outcome_of(&self, (client, number): (u16, u32)) -> Option<&Outcome> {
        let is_it = |it: &&Session| it.client == client && it.number == number;
        Some(&self.sessions.iter().find(is_it)?.outcome)
    }

    /// Carries out the next request of the log. A retry changes nothing and gets the answer of the
    /// first; `None` for one so late that its client has long gone on (Raft §8).
    pub fn carry_out(&mut self, request: &Request) -> Option<Outcome> {
        let Some((client, number)) = request.id else { return Some(self.apply(&request.command)) };
        let place = self.sessions.iter().position(|session| session.client == client);
        if let Some(session) = place.map(|place| &self.sessions[place])
            && session.number >= number
        {
            return (session.number == number).then(|| session.outcome.clone());
        }
        let outcome = self.apply(&request.command);
        let session = Session { client, number, outcome: outcome.clone() };
        match place {
            Some(place) => self.sessions[place] = session,
            None => self.sessions.push(session),
        }
        Some(outcome)
    }

    fn apply(&mut self, command: &Command) -> Outcome {
        let mut read = Vec::new();
        let result = match command {
            Command::Transact(transaction) => self.transact(transaction, &mut read),
            Command::Grant { lease, lasts_us } => self.grant(*lease, *lasts_us),
            Command::KeepAlive(lease) => match self.lease_mut(*lease) {
                Some(lease) => {
                    lease.renewals += 1;
                    Ok(true)
                }
                None => Err(Refusal::NoLease),
            },
            Command::Revoke { lease, renewals } => self.revoke(*lease, *renewals),
            Command::Compact(revision) => self.compact(*revision),
        };
        Outcome { revision: self.revision, result, read }
    }

    fn lease_mut(&mut self, id: LeaseId) -> Option<&mut Lease> {
        self.leases.iter_mut().find(|lease| lease.id == id)
    }

    fn grant(&mut self, id: LeaseId, lasts_us: u64) -> Result<bool, Refusal> {
        if self.lease_mut(id).is_some() {
            return Err(Refusal::LeaseExists);
        }
        self.leases.push(Lease { id, lasts_us, renewals: 0 });
        Ok(true)
    }

    fn transact(
        &mut self,
        transaction: &Transaction,
        read: &mut Vec<Option<Item>>,
    ) -> Result<bool, Refusal> {
        let Transaction { compares, then, otherwise } = transaction;
        let holds = compares.iter().all(|compare| compare.holds(self.get(compare.key)));
        let steps = if holds { then } else { otherwise };
        self.check(steps)?;
        let next = self.revision + 1;
        for step in steps {
            match *step {
                Operation::Get(key) => read.push(self.get(key).copied()),
                Operation::Put { key, value, lease } => self.put(next, key, value, lease),
                Operation::Delete(key) => self.delete(next, key),
            }
        }
        Ok(holds)
    }

    /// Refuses steps that cannot all be made, before any is.
    fn check(&self, steps: &[Operation]) -> Result<(), Refusal> {
        let mut changed: Vec<Key> = Vec::new();
        for step in steps {
            let (key, lease) = match *step {
                Operation::Get(_) => continue,
                Operation::Put { key, lease, .. } => (key, lease),
                Operation::Delete(key) => (key, None),
            };
            if changed.contains(&key) {
                return Err(Refusal::KeyTwice);
            }
            changed.push(key);
            if lease.is_some_and(|id| self.leases.iter().all(|lease| lease.id != id)) {
                return Err(Refusal::NoLease);
            }
        }
        Ok(())
    }

    fn put(&mut self, revision: Revision, key: Key, value: u64, lease: Option<LeaseId>) {
        let old = self.get(key);
        let created = old.map_or(revision, |item| item.created);
        let version = old.map_or(0, |item| item.version) + 1;
        let item = Some(Item { value, created, modified: revision, version, lease });
        self.tape.push(Event { revision, key, item });
        self.revision = revision;
    }

    fn delete(&mut self, revision: Revision, key: Key) {
        if self.get(key).is_some() {
            self.tape.push(Event { revision, key, item: None });
            self.revision = revision;
        }
    }

    fn revoke(&mut self, id: LeaseId, renewals: Option<u64>) -> Result<bool, Refusal> {
        let lease = self.lease_mut(id).ok_or(Refusal::NoLease)?;
        if renewals.is_some_and(|renewals| renewals != lease.renewals) {
            return Ok(false);
        }
        self.leases.retain(|lease| lease.id != id);
        let next = self.revision + 1;
        for (key, _) in self.items().iter().filter(|(_, item)| item.lease == Some(id)) {
            self.delete(next, *key);
        }
        Ok(true)
    }

    /// Keeps of all changes up to a revision the last of each key, if that left something there.
    fn compact(&mut self, revision: Revision) -> Result<bool, Refusal> {
        if revision <= self.compacted || revision > self.revision {
            return Err(Refusal::NotThere);
        }
        let kept = self.items_at(revision).map_err(|_| Refusal::NotThere)?;
        let is_kept =
            |event: &Event| event.item.is_some_and(|item| kept.contains(&(event.key, item)));
        self.tape.retain(|event| event.revision > revision || is_kept(event));
        self.compacted = revision;
        Ok(true)
    }
}
