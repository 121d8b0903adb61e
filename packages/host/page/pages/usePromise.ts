import { useEffect, useState } from 'react';

export type Loaded<T> = { state: 'loading' } | { state: 'failed'; error: Error } | { state: 'done'; value: T };

/** What a promise came to; asked anew when `key` changes, and an answer that is late by then is dropped. */
export function usePromise<T>(key: string, start: (key: string) => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded<T> }>();
  useEffect(() => {
    let wanted = true;
    start(key).then(
      (value) => wanted && setLoaded({ key, result: { state: 'done', value } }),
      (error: Error) => wanted && setLoaded({ key, result: { state: 'failed', error } })
    );
    return () => {
      wanted = false;
    };
    // `start` is a function of the key alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return loaded?.key === key ? loaded.result : { state: 'loading' };
}
