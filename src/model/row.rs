//! Rows: named numbers of one neuron.

use std::fmt::Debug;

/// Named numbers of one neuron in a fixed order: a row of a model's parameters or states.
///
/// The order and the names are those of the WGSL `struct`, every field is one 32-bit word there.
pub trait Row<T>: Copy + Debug + Send + Sync {
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// Builds a row from a function of the field's number.
    fn from_fn(value: impl FnMut(usize) -> T) -> Self;

    /// Calls a function with every field's number and value.
    fn for_each(self, visit: impl FnMut(usize, T));

    /// The values of two rows together.
    #[must_use]
    fn zipped(a: Self, b: Self, both: impl Fn(T, T) -> T) -> Self
    where
        Self: Sized,
        T: Copy,
    {
        let mut values = Vec::new();
        a.for_each(|_, value| values.push(value));
        b.for_each(|field, value| values[field] = both(values[field], value));
        Self::from_fn(|field| values[field])
    }
}

/// Declares a `struct` whose fields are all of one numeric type, and its [`Row`].
macro_rules! row {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$field_about:meta])* $field:ident,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        $visibility struct $name<T> { $($(#[$field_about])* pub $field: T,)+ }

        impl<T: Copy + std::fmt::Debug + Send + Sync> $crate::model::row::Row<T> for $name<T> {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            #[inline(always)]
            fn from_fn(mut value: impl FnMut(usize) -> T) -> Self {
                let mut field = 0..;
                $(let $field = value(field.next().unwrap_or_default());)+
                Self { $($field),+ }
            }

            #[inline(always)]
            fn for_each(self, mut visit: impl FnMut(usize, T)) {
                let mut field = 0..;
                $(visit(field.next().unwrap_or_default(), self.$field);)+
            }
        }
    };
}
pub(crate) use row;

/// Declares the parameters a user can give: a [`Row`] named `Parameters` and the table
/// `PARAMETERS` that help, checks and documentation read.
macro_rules! parameters {
    ($($name:ident [$unit:literal] = $default:expr, $bound:ident, $about:literal $(, without: $without:literal)?;)+) => {
        $crate::model::row::row! {
            /// The parameters of one neuron, as the user gives them.
            pub struct Parameters { $(#[doc = $about] $name,)+ }
        }

        const PARAMETERS: &[$crate::model::info::Parameter] = &[$($crate::model::info::Parameter {
            name: stringify!($name),
            unit: $unit,
            default: $default,
            without: concat!($($without)?),
            bound: $crate::model::info::Bound::$bound,
            about: $about,
        }),+];
    };
}
pub(crate) use parameters;
