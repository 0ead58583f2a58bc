import {useEffect, useState} from 'react';
import {useUi} from '../../context.js';
import {Words} from '../words/index.js';

/** Seconds that a test against the world may take (probeTimeout). */
const limit = 5;

/** What is being tested, and how long it can still take: nobody wonders whether it hangs. */
export const Countdown = ({children}: {readonly children: string}) => {
  const {t} = useUi();
  const [left, setLeft] = useState(limit);
  useEffect(() => {
    const timer = setInterval(() => setLeft(before => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return <Words look="quiet">{`${children} ${t('secondsLeft', {n: left})}`}</Words>;
};
