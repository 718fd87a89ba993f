//! The history of the clients of one register, and whether it is linearizable (Herlihy & Wing 1990).
//!
//! Of real time it keeps what linearizability asks for: how many operations of each other client had
//! returned when an operation was invoked.

/// What is stored in the register; nothing has been written as long as it is 0.
pub(super) type Value = u8;

/// What a client asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    Write(Value),
    Read,
}

/// An operation of a client.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Operation<const C: usize> {
    request: Request,
    /// How many operations of each other client had returned before this one was invoked.
    after: [u8; C],
    /// What was read, or what was written; nothing as long as the operation has not returned.
    answer: Option<Value>,
}

/// The operations of `C` clients, of which each does up to two, one after the other.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct History<const C: usize> {
    clients: [[Option<Operation<C>>; 2]; C],
}

impl<const C: usize> History<C> {
    pub(super) fn new() -> Self {
        Self { clients: [[None; 2]; C] }
    }

    /// Notes that a client asks for something.
    pub(super) fn invoke(&mut self, client: usize, request: Request) {
        let after = std::array::from_fn(|other| {
            let returned = self.clients[other].iter().flatten().filter(|o| o.answer.is_some());
            if other == client { 0 } else { u8::try_from(returned.count()).unwrap_or(u8::MAX) }
        });
        if let Some(place) = self.clients[client].iter_mut().find(|place| place.is_none()) {
            *place = Some(Operation { request, after, answer: None });
        }
    }

    /// Notes that a client's operation returns: what was read, or what was written.
    pub(super) fn answer(&mut self, client: usize, value: Value) {
        let mut operations = self.clients[client].iter_mut().flatten();
        if let Some(operation) = operations.find(|operation| operation.answer.is_none()) {
            operation.answer = Some(value);
        }
    }

    /// Returns whether the operations can be put in an order that a register could have had. What has
    /// not returned may have taken effect or not.
    pub(super) fn is_linearizable(&self) -> bool {
        self.can_follow(&[0; C], 0)
    }

    /// Returns whether all that has returned fits behind the first `done` operations of each client,
    /// which left `value`.
    fn can_follow(&self, done: &[u8; C], value: Value) -> bool {
        let next = |client: usize| {
            let operations = &self.clients[client];
            operations.get(usize::from(done[client])).copied().flatten()
        };
        let is_left = |client| next(client).is_some_and(|operation| operation.answer.is_some());
        if !(0..C).any(is_left) {
            return true;
        }
        (0..C).any(|client| {
            let Some(operation) = next(client) else {
                return false;
            };
            let is_early = operation.after.iter().zip(done).any(|(after, done)| done < after);
            let left = match operation.request {
                Request::Write(written) => written,
                Request::Read => value,
            };
            if is_early || operation.answer.is_some_and(|answer| answer != left) {
                return false;
            }
            let mut done = *done;
            done[client] += 1;
            self.can_follow(&done, left)
        })
    }
}
